import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { SessionLoggerService } from 'nestjs-session-logger';
import type { ChatMessage, ChatModel } from '../../sample-app/src/model.js';
import { StaticFiles } from '../../sample-app/src/static-files.js';
import { builtClient } from './built-client.js';
import { onCleanUp } from './clean-up.js';
import { printed } from './printed.js';

/**
 * Where the sample app writes its daily file. The package reads it when it is loaded, so it is loaded
 * below, and test files import no more than its types.
 */
export const LOGS_DIR = mkdtempSync(join(tmpdir(), 'sample-app-'));
process.env.LOGS_PATH = LOGS_DIR;
afterAll(() => rmSync(LOGS_DIR, { recursive: true }));

/** A model whose reply is the test's own, piece by piece. */
export class ScriptedModel implements ChatModel {
  readonly name = 'scripted';
  conversation: readonly ChatMessage[] = [];

  constructor(public script: (signal: AbortSignal) => Iterable<string> | AsyncIterable<string>) {}

  reply(conversation: readonly ChatMessage[], signal: AbortSignal): Iterable<string> | AsyncIterable<string> {
    this.conversation = conversation;
    return this.script(signal);
  }
}

export interface SampleApp {
  readonly app: INestApplication;
  readonly url: string;
  readonly sessions: SessionLoggerService;
}

/**
 * Starts the sample app on a free port, with a model of the test's own, as its `main.ts` does. {@link cleanUp} closes it.
 */
export async function startSampleApp(model: ChatModel): Promise<SampleApp> {
  const { SessionLoggerService, SessionNestLogger } = await import('nestjs-session-logger');
  const { AppModule } = await import('../../sample-app/src/app.module.js');
  const { ChatModel } = await import('../../sample-app/src/model.js');
  const { CLIENT_FILES } = await import('../../sample-app/src/page.controller.js');
  const testing = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(ChatModel)
    .useValue(model)
    .overrideProvider(CLIENT_FILES)
    .useValue(new StaticFiles(builtClient(LOGS_DIR)))
    .compile();
  const app = testing.createNestApplication();
  onCleanUp(() => app.close());
  printed(); // What the app logs is for its terminal.
  app.useLogger(app.get(SessionNestLogger));
  await app.listen(0, '127.0.0.1');
  return { app, url: await app.getUrl(), sessions: app.get(SessionLoggerService) };
}

/** A door that the test opens. Whoever waits before it is sent away when its signal aborts. */
export class Gate {
  private readonly opened = new AbortController();

  open(): void {
    this.opened.abort();
  }

  async passed(signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([this.opened.signal, signal]);
    if (!either.aborted) await once(either, 'abort');
    signal.throwIfAborted();
  }
}
