/** What code in the documents takes as given: the parts of a reader's application that it does not show. */
import type { CanActivate, INestApplication } from '@nestjs/common';
import type { Runnable } from '@langchain/core/runnables';
import type { OpenAI } from 'openai';
import type { SessionLoggerService, SessionStore } from 'nestjs-session-logger';

declare global {
  const app: INestApplication;
  const logs: SessionLoggerService;
  const sessionId: string;
  const signal: AbortSignal;
  const token: string;

  interface User {
    readonly id: string;
    readonly isAdmin: boolean;
    readonly tokenExpiresAt: Date;
    owns(sessionId: string): boolean;
  }
  function userOf(cookie: string | undefined): Promise<User | undefined>;
  function show(message: string): void;
  function warn(message: string, ...more: unknown[]): void;
  const warehouse: {
    connect(): Promise<void>;
    insert(rows: readonly unknown[]): Promise<void>;
    end(): Promise<void>;
  };

  const chain: Runnable;
  const question: string;
  const openai: OpenAI;
  const model: string;
  const messages: OpenAI.ChatCompletionMessageParam[];
  function textOf(chunk: OpenAI.ChatCompletionChunk): string;

  class ChatService {
    reply(sessionId: string, chunks: Iterable<string> | AsyncIterable<string>): Promise<void>;
  }
  class AppModule {}
  class AuthModule {}
  class AuthGuard implements CanActivate {
    canActivate(): boolean;
  }
  class ConfigModule {}
  class ConfigService {
    get(name: string): string;
  }
  const MyStore: new () => SessionStore;
}
