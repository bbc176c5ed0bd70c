import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Inject, Injectable, Module, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  getSessionLoggerToken,
  InjectSessionLogger,
  SessionLoggerModule,
  SessionLoggerService,
  type LogSink,
} from 'nestjs-session-logger';
import { redisStore } from 'nestjs-session-logger/redis';
import { collectSession, logInMemory, SessionLoggerTestingModule } from 'nestjs-session-logger/testing';
import request from 'supertest';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { platformAdapter } from './support/platform.js';
import { printed } from './support/printed.js';
import { tempDir } from './support/temp-dir.js';

afterEach(cleanUp);

@Injectable()
class ChatService {
  constructor(
    @Inject(SessionLoggerService) private readonly chat: SessionLoggerService,
    @InjectSessionLogger('audit') private readonly audit: SessionLoggerService,
  ) {}

  async reply(sessionId: string): Promise<void> {
    for (const chunk of ['Hel', 'lo, sk-123']) await this.chat.logChunkToQueue(chunk, sessionId);
    await this.chat.endSession(sessionId);
    await this.audit.logEntryToQueue({ sessionId, message: 'replied', logType: 'log', level: 'warn' });
  }
}

/** An application as it runs in production: nothing listens where its Redis is said to be. */
function productionModule(dir: string, sink: LogSink): new () => object {
  const secret = { pattern: /sk-\d{3}/, prefix: 'sk-', maxLength: 6 };
  @Module({
    imports: [
      SessionLoggerModule.forRoot({
        files: { dir: join(dir, 'chat') },
        terminal: true,
        store: redisStore({ url: 'redis://127.0.0.1:1' }),
        sinks: [sink],
        redact: { patterns: [secret] },
        http: { history: true },
      }),
      SessionLoggerModule.forRootAsync({
        name: 'audit',
        http: { path: 'audit' },
        useFactory: () => ({
          files: { dir: join(dir, 'audit') },
          limits: { sessionEntries: 5 },
          http: { history: true },
        }),
      }),
    ],
    providers: [ChatService],
  })
  class AppModule {}
  return AppModule;
}

async function started(builder: ReturnType<typeof Test.createTestingModule>): Promise<INestApplication> {
  const module = await builder.compile();
  const app = module.createNestApplication(platformAdapter(), { logger: false });
  onCleanUp(() => app.close());
  await app.listen(0, '127.0.0.1');
  return app;
}

describe('logInMemory', () => {
  it('keeps all loggers of an application in memory, with all else as the application has it', async () => {
    const dir = tempDir();
    const written: string[] = [];
    const sink: LogSink = {
      name: 'mine',
      write: (entries) => void written.push(...entries.map(({ message }) => message)),
    };
    const output = printed();
    const app = await started(
      logInMemory(Test.createTestingModule({ imports: [productionModule(dir, sink)] })),
    );
    await app.get(ChatService).reply('chat-1');

    const { text, end } = await collectSession(app.get(SessionLoggerService), 'chat-1');
    expect([text, end]).toEqual(['Hello, [REDACTED]', { reason: 'completed' }]);
    const audit = app.get<SessionLoggerService>(getSessionLoggerToken('audit'));
    expect((await collectSession(audit, 'chat-1', { until: 'now' })).entries).toMatchObject([
      { message: 'replied' },
    ]);
    for (const path of ['/logs', '/audit'])
      await request(app.getHttpServer()).get(`${path}/chat-1/history`).expect(200);

    await Promise.all([app.get(SessionLoggerService).flush(), audit.flush()]);
    expect([existsSync(join(dir, 'chat')), existsSync(join(dir, 'audit')), written, output()]).toEqual([
      false,
      false,
      [],
      '',
    ]);
  });

  it('leaves the options of each logger to it', async () => {
    const dir = tempDir();
    const sink: LogSink = { name: 'mine', write: () => {} };
    const app = await started(
      logInMemory(Test.createTestingModule({ imports: [productionModule(dir, sink)] })),
    );
    const logs = app.get(SessionLoggerService);
    const audit = app.get<SessionLoggerService>(getSessionLoggerToken('audit'));
    for (let count = 0; count < 8; count++) {
      for (const logger of [logs, audit]) await logger.logChunkToQueue(`${count}`, 'long');
    }
    const lengths = await Promise.all(
      [logs, audit].map(
        async (logger) => (await collectSession(logger, 'long', { until: 'now' })).entries.length,
      ),
    );
    expect(lengths).toEqual([8, 5]);
  });
});

describe('SessionLoggerTestingModule', () => {
  it('logs in memory, with the options of the test', async () => {
    const module = await Test.createTestingModule({
      imports: [
        SessionLoggerTestingModule.forRoot({ limits: { sessionEntries: 2 } }),
        SessionLoggerTestingModule.forRoot({ name: 'audit', http: false }),
      ],
      providers: [ChatService],
    }).compile();
    onCleanUp(() => module.close());
    await module.init();
    const logs = module.get(SessionLoggerService);
    await module.get(ChatService).reply('chat-1');
    const { entries, end } = await collectSession(logs, 'chat-1');
    expect(entries.map(({ message }) => message)).toEqual(['lo, sk-123']);
    expect(end).toEqual({ reason: 'completed' });
    expect(logs.stats().sinks).toEqual({});
  });
});
