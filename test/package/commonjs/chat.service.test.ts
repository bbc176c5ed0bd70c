// Run by the Jest of a CommonJS app, configured by the lines of the documentation.
import { Injectable } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import { SessionLoggerModule, SessionLoggerService } from 'nestjs-session-logger';
import { openTelemetry } from 'nestjs-session-logger/opentelemetry';
import { redisStore } from 'nestjs-session-logger/redis';
import { SessionLoggerHealthIndicator } from 'nestjs-session-logger/terminus';

@Injectable()
class ChatService {
  constructor(private readonly logs: SessionLoggerService) {}

  async reply(sessionId: string): Promise<void> {
    for (const chunk of ['Hel', 'lo']) await this.logs.logChunkToQueue(chunk, sessionId);
    await this.logs.endSession(sessionId);
  }
}

it('logs the reply to the session', async () => {
  const module = await Test.createTestingModule({
    imports: [
      SessionLoggerModule.forRoot({ files: false, http: false, telemetry: openTelemetry() }),
      TerminusModule,
    ],
    providers: [ChatService, SessionLoggerHealthIndicator],
  }).compile();
  await module.init();
  await module.get(ChatService).reply('chat-1');
  const chunks: string[] = [];
  for await (const chunk of module.get(SessionLoggerService).getSessionLogs('chat-1')) chunks.push(chunk);
  expect(chunks).toEqual(['Hel', 'lo']);
  expect(module.get(SessionLoggerHealthIndicator).isHealthy()).toMatchObject({
    'session-logger': { status: 'up' },
  });
  await module.close();
});

it('brings a store that says what is wrong', async () => {
  const store = redisStore({ url: 'redis://127.0.0.1:1', connectTimeout: 500 });
  const start = Test.createTestingModule({ imports: [SessionLoggerModule.forRoot({ files: false, store })] })
    .compile()
    .then((module) => module.init());
  await expect(start).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});
