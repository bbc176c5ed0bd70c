import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, Inject, Injectable, Module, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
import { TerminusModule } from '@nestjs/terminus';
import {
  getSessionLoggerToken,
  InjectSessionLogger,
  runInSession,
  SESSION_ENTRY_EVENT,
  SessionLoggerModule,
  SessionLoggerService,
  sessionLoggerEvent,
  type LogEntry,
  type LogSink,
  type SessionLoggerOptions,
} from 'nestjs-session-logger';
import { redisStore } from 'nestjs-session-logger/redis';
import { SessionLoggerHealthIndicator } from 'nestjs-session-logger/terminus';
import request from 'supertest';
import { cleanUp } from './support/clean-up.js';
import { CollectingLogger } from './support/collecting-logger.js';
import { EventStream } from './support/event-stream.js';
import { endSession, logChat, startModule, type TestApp } from './support/test-app.js';
import { tempDir } from './support/temp-dir.js';

afterEach(cleanUp);

/** What a user writes who keeps two apart. */
@Injectable()
class ChatService {
  constructor(
    @Inject(SessionLoggerService) readonly chat: SessionLoggerService,
    @InjectSessionLogger('audit') readonly audit: SessionLoggerService,
  ) {}
}

@Controller('ask')
class AskController {
  constructor(@Inject(ChatService) private readonly service: ChatService) {}

  @Get()
  async ask(@Query('question') question: string): Promise<void> {
    await this.service.chat.logChunkToQueue(question, 's');
    await this.service.audit.logChunkToQueue('somebody asked', 's');
  }
}

const CHAT: SessionLoggerOptions = { files: false };
const AUDIT: SessionLoggerOptions = { name: 'audit', files: false, http: { path: 'audit' } };

interface TwoLoggers extends TestApp {
  audit: SessionLoggerService;
  emitter: EventEmitter2;
}

/** The module that is imported last is the one that a lookup by class would find first. */
async function startTwo(chat: SessionLoggerOptions, audit: SessionLoggerOptions): Promise<TwoLoggers> {
  const testApp = await startModule(SessionLoggerModule.forRoot(chat), {
    imports: [SessionLoggerModule.forRoot(audit), EventEmitterModule.forRoot(), TerminusModule],
    providers: [ChatService, SessionLoggerHealthIndicator],
    controllers: [AskController],
  });
  const { app } = testApp;
  return {
    ...testApp,
    audit: app.get<SessionLoggerService>(getSessionLoggerToken('audit')),
    emitter: app.get(EventEmitter2),
  };
}

async function messagesAt(url: string): Promise<string[]> {
  const frames = await (await EventStream.open(url)).rest();
  return frames.flatMap((frame) =>
    'data' in frame && frame.event === undefined ? [(frame.data as LogEntry).message] : [],
  );
}

function linesIn(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((found) => found.isFile())
    .flatMap(({ name }) => readFileSync(join(dir, name), 'utf8').trim().split('\n'))
    .map((line) => (JSON.parse(line) as LogEntry).message);
}

describe('Two loggers', () => {
  it('are injected by class and by name, and keep sessions, endpoints and files apart', async () => {
    const dir = tempDir();
    const { app, logs, audit, url } = await startTwo(
      { files: { dir } },
      { ...AUDIT, files: { dir: join(dir, 'audit') } },
    );
    const injected = app.get(ChatService);
    expect(injected.chat).toBe(logs);
    expect(injected.audit).toBe(audit);
    expect(logs).not.toBe(audit);
    await request(url).get('/ask?question=why').expect(200);
    for (const each of [logs, audit]) await endSession(each, 's');
    expect(await messagesAt(`${url}/logs/s`)).toEqual(['why']);
    expect(await messagesAt(`${url}/audit/s`)).toEqual(['somebody asked']);
    for (const each of [logs, audit]) await each.flush();
    expect(linesIn(dir)).toEqual(['why']);
    expect(linesIn(join(dir, 'audit'))).toEqual(['somebody asked']);
  });

  it('have who may read, endpoints, limits and figures of their own', async () => {
    const { url, logs, audit } = await startTwo(
      { ...CHAT, limits: { sessionEntries: 2 } },
      { ...AUDIT, http: { path: 'audit', authorize: () => false, write: true } },
    );
    await logChat(logs, 's', 'a', 'b', 'c');
    await logChat(audit, 's', 'd', 'e', 'f');
    await request(url).get('/audit/s').expect(403);
    await request(url).post('/logs/s').send({ message: 'x' }).expect(404);
    await request(url).post('/audit/s').send({ message: 'x' }).expect(403);
    expect([logs, audit].map((each) => each.getAllLogsInQueue().map(({ message }) => message))).toEqual([
      ['b', 'c'],
      ['d', 'e', 'f'],
    ]);
    expect(logs.stats().accepted).toBe(3);
    await audit.deleteSession('s');
    expect([logs, audit].map((each) => each.allSessionsInQueue)).toEqual([['s'], []]);
  });

  it('emit events by names of their own', async () => {
    const { emitter, logs, audit } = await startTwo(CHAT, AUDIT);
    const seen: string[] = [];
    const auditEvent = sessionLoggerEvent(SESSION_ENTRY_EVENT, 'audit');
    for (const event of [SESSION_ENTRY_EVENT, auditEvent])
      emitter.on(event, ({ message }: LogEntry) => seen.push(`${event} ${message}`));
    await logChat(logs, 's', 'a');
    await logChat(audit, 's', 'b');
    expect(seen).toEqual(['session-logger.entry a', 'session-logger:audit.entry b']);
    expect(sessionLoggerEvent(SESSION_ENTRY_EVENT)).toBe(SESSION_ENTRY_EVENT);
  });

  it('report by names of their own', async () => {
    const { logger, logs, audit } = await startTwo(CHAT, AUDIT);
    const contexts: unknown[] = [];
    logger.warn = (_message: unknown, context?: unknown): void => void contexts.push(context);
    for (const each of [logs, audit]) await each.logChunkToQueue('a', 'no id').catch(() => {});
    expect(contexts).toEqual(['SessionLogger', 'SessionLogger:audit']);
  });

  it('share the session of the request', async () => {
    const { audit } = await startTwo({ ...CHAT, context: { capture: true } }, AUDIT);
    await runInSession('chat-1', () => audit.logChunkToQueue('a'));
    await audit.distribute({ finite: true });
    expect(audit.allSessionsInQueue).toEqual(['chat-1']);
  });

  it('are asked about their health one by one', async () => {
    const broken: LogSink = {
      name: 'vault',
      write: () => {
        throw new Error('locked');
      },
    };
    const { app, audit } = await startTwo(CHAT, { ...AUDIT, sinks: [broken] });
    await logChat(audit, 's', 'a');
    await audit.flush().catch(() => {});
    const health = app.get(SessionLoggerHealthIndicator);
    expect(health.isHealthy()).toMatchObject({ 'session-logger': { status: 'up' } });
    expect(health.isHealthy('audit', audit)).toMatchObject({ audit: { status: 'down' } });
  });

  it('are set up by factories, the name beside them', async () => {
    const { app } = await startModule(SessionLoggerModule.forRoot(CHAT), {
      imports: [
        SessionLoggerModule.forRootAsync({
          name: 'audit',
          http: { path: 'audit' },
          useFactory: () => Promise.resolve({ files: false as const, limits: { sessionEntries: 1 } }),
        }),
      ],
      providers: [ChatService],
    });
    const { audit } = app.get(ChatService);
    await logChat(audit, 's', 'a', 'b');
    expect(audit.getAllLogsInQueue()).toHaveLength(1);
  });

  it('need no logger without a name', async () => {
    @Module({
      imports: [SessionLoggerModule.forRoot(AUDIT), TerminusModule],
      providers: [SessionLoggerHealthIndicator],
    })
    class AuditOnly {}
    const app = await NestFactory.createApplicationContext(AuditOnly, { logger: false, abortOnError: false });
    try {
      const audit = app.get<SessionLoggerService>(getSessionLoggerToken('audit'));
      await logChat(audit, 's', 'a');
      expect(audit.allSessionsInQueue).toEqual(['s']);
      expect(() => app.get(SessionLoggerService)).toThrow();
      expect(() => app.get(SessionLoggerHealthIndicator).isHealthy()).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTIONS',
          message: expect.stringMatching(/isHealthy\('audit'/),
        }),
      );
    } finally {
      await app.close();
    }
  });
});

describe('Two loggers that would mix', () => {
  /** Starts an application of these, which must fail. */
  async function failing(...modules: SessionLoggerOptions[]): Promise<unknown> {
    @Module({ imports: modules.map((options) => SessionLoggerModule.forRoot(options)) })
    class Root {}
    const logger = new CollectingLogger();
    const app = await NestFactory.create(Root, { logger, abortOnError: false });
    return app.init().then(
      () => app.close(),
      (error: unknown) => error,
    );
  }

  it.each<[string, SessionLoggerOptions]>([
    ['name', { files: false, http: { path: 'audit' } }],
    ['http.path', { ...AUDIT, http: {} }],
  ])('fail at start by an equal %s', async (option, other) => {
    expect(await failing(CHAT, other)).toMatchObject({ code: 'INVALID_OPTIONS', details: { option } });
  });

  it('fail by one directory, before what lies in it is swept by the wrong retention', async () => {
    const dir = tempDir();
    const kept = join(dir, '2020-01-01.log');
    writeFileSync(kept, '');
    const error = await failing({ files: { dir } }, { ...AUDIT, files: { dir, retention: false } });
    expect(error).toMatchObject({ code: 'INVALID_OPTIONS', details: { option: 'files.dir' } });
    expect(existsSync(kept)).toBe(true);
  });

  it('fail by one place in Redis, before it is asked for anything', async () => {
    // Nobody listens there: connecting would fail otherwise.
    const [chat, audit] = ['localhost', '127.0.0.1'].map((host) => redisStore({ url: `redis://${host}:1` }));
    const error = await failing({ ...CHAT, store: chat }, { ...AUDIT, store: audit });
    expect(error).toMatchObject({ code: 'INVALID_OPTIONS', details: { option: 'store' } });
  });

  it('is told at the call where a logger with a name is given a context', () => {
    expect(() => SessionLoggerModule.forRoot({ ...AUDIT, context: { capture: true } })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', details: { option: 'context' } }),
    );
  });
});
