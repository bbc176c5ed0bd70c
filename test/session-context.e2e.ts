import { setImmediate } from 'node:timers/promises';
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Param,
  ParseUUIDPipe,
  UseGuards,
  UseInterceptors,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import {
  currentSessionId,
  runInSession,
  SessionContextInterceptor,
  SessionId,
  SessionLoggerModule,
  SessionLoggerService,
  type SessionContextOptions,
  type SessionLoggerOptions,
} from 'nestjs-session-logger';
import { Observable } from 'rxjs';
import { cleanUp } from './support/clean-up.js';
import { startApp, startModule, type TestApp } from './support/test-app.js';

afterEach(cleanUp);

@Injectable()
class UserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    context.switchToHttp().getRequest<{ user?: object }>().user = { sessionId: 'of-user' };
    return true;
  }
}

@Controller('work')
class WorkController {
  constructor(@Inject(SessionLoggerService) private readonly logs: SessionLoggerService) {}

  @Get()
  async work(
    @SessionId() sessionId?: string,
  ): Promise<{ sessionId: string | undefined; later: string | undefined }> {
    await setImmediate();
    if (currentSessionId() !== undefined) await this.logs.logChunkToQueue('worked');
    return { sessionId, later: currentSessionId() };
  }

  @Get('stream')
  stream(): Observable<object> {
    return new Observable((subscriber) => {
      subscriber.next({ sessionId: currentSessionId() });
      subscriber.complete();
    });
  }

  @Get('uuid')
  uuid(@SessionId(new ParseUUIDPipe()) sessionId: string): string {
    return sessionId;
  }

  @Get('of/:chat')
  @UseInterceptors(SessionContextInterceptor)
  of(@Param('chat') chat: string, @SessionId() sessionId?: string): object {
    return { chat, sessionId };
  }

  @Get('guarded')
  @UseGuards(UserGuard)
  @UseInterceptors(SessionContextInterceptor)
  async guarded(@SessionId() sessionId?: string): Promise<object> {
    await setImmediate();
    return { sessionId, later: currentSessionId() };
  }
}

const start = async (context: SessionContextOptions, options: SessionLoggerOptions = {}): Promise<TestApp> =>
  startApp({ context, ...options }, { controllers: [WorkController] });

async function get({ url }: TestApp, path: string, headers: Record<string, string> = {}): Promise<unknown> {
  const answer = await fetch(`${url}/${path}`, { headers });
  return JSON.parse((await answer.text()) || 'null') as unknown;
}

describe('runInSession', () => {
  it('names the session for what is called in it, at once and later, and not outside', async () => {
    const found: unknown[] = [];
    const done = runInSession('a', async () => {
      found.push(currentSessionId());
      await setImmediate();
      found.push(currentSessionId());
      return runInSession('b', () => currentSessionId());
    });
    expect(currentSessionId()).toBeUndefined();
    expect(await done).toBe('b');
    expect(found).toEqual(['a', 'a']);
  });

  it('keeps many apart that run at once', async () => {
    const { logs } = await startApp();
    const talk = (id: string): Promise<void> =>
      runInSession(id, async () => {
        for (let n = 0; n < 20; n++) {
          await logs.logChunkToQueue(id);
          await setImmediate();
          await logs.logEntryToQueue({ message: id, logType: 'log' });
        }
      });
    const ids = Array.from({ length: 20 }, (_, n) => `s${n}`);
    await Promise.all(ids.map(talk));
    await logs.distribute({ finite: true });
    const entries = logs.getAllLogsInQueue();
    expect(entries).toHaveLength(800);
    expect(entries.filter(({ sessionId, message }) => sessionId !== message)).toEqual([]);
  });

  it('is outdone by an id that is given', async () => {
    const { logs } = await startApp();
    await runInSession('a', () => logs.logChunkToQueue('x', 'b'));
    expect(logs.getAllLogsInQueue()).toEqual([expect.objectContaining({ sessionId: 'b' })]);
  });

  it('gives what is thrown on, and takes no id that is none', () => {
    expect(() =>
      runInSession('a', () => {
        throw new Error('mine');
      }),
    ).toThrow('mine');
    expect(() => runInSession('../a', () => 1)).toThrow(
      expect.objectContaining({ code: 'INVALID_SESSION_ID' }),
    );
  });

  it('is asked for where a session is missing', async () => {
    const { logs } = await startApp();
    const refused = logs.logChunkToQueue('x');
    await expect(refused).rejects.toMatchObject({
      code: 'INVALID_SESSION_ID',
      message: expect.stringContaining('runInSession') as string,
    });
  });
});

describe('context.from', () => {
  it.each<[string, SessionContextOptions['from'], Record<string, string>]>([
    ['a header', { header: 'X-Session-Id' }, { 'x-session-id': 'chat-1' }],
    ['a cookie', { cookie: 'sid' }, { cookie: 'a=b; sid=chat-1' }],
    ['a function', ({ request }) => request?.headers['x-id'] as string, { 'x-id': 'chat-1' }],
    ['the first that has one', [{ cookie: 'sid' }, { header: 'x-id' }], { 'x-id': 'chat-1' }],
  ])('takes the session of a request from %s', async (_, from, headers) => {
    const app = await start({ from });
    expect(await get(app, 'work', headers)).toEqual({ sessionId: 'chat-1', later: 'chat-1' });
    expect(await get(app, 'work/stream', headers)).toEqual({ sessionId: 'chat-1' });
    await app.logs.distribute({ finite: true });
    expect(app.logs.getAllLogsInQueue()).toEqual([
      expect.objectContaining({ sessionId: 'chat-1', message: 'worked' }),
    ]);
    expect(await get(app, 'work')).toEqual({});
  });

  it('takes nothing where it is not set', async () => {
    expect(await get(await start({}), 'work', { 'x-session-id': 'chat-1' })).toEqual({});
  });

  it('works from a factory, and under a global prefix', async () => {
    const module = SessionLoggerModule.forRootAsync({
      useFactory: () => ({ files: false, context: { from: { header: 'x-id' } } }),
    });
    const configure = (app: TestApp['app']): unknown => app.setGlobalPrefix('api');
    const app = await startModule(module, { controllers: [WorkController], configure });
    expect(await get(app, 'api/work', { 'x-id': 'chat-1' })).toMatchObject({ sessionId: 'chat-1' });
  });

  it('takes a route’s param, and what a guard found, by the interceptor', async () => {
    const app = await start({ from: { param: 'chat' } });
    expect(await get(app, 'work/of/chat-1')).toEqual({ chat: 'chat-1', sessionId: 'chat-1' });
    const user = ({ request }: { request?: { user?: unknown } | undefined }): string | undefined =>
      (request?.user as { sessionId: string } | undefined)?.sessionId;
    const guarded = await start({ from: user });
    expect(await get(guarded, 'work/guarded')).toEqual({ sessionId: 'of-user', later: 'of-user' });
  });

  it('takes it everywhere by an interceptor of the application', async () => {
    const app = await startApp(
      { context: { from: { param: 'chat' } } },
      {
        controllers: [WorkController],
        providers: [{ provide: APP_INTERCEPTOR, useExisting: SessionContextInterceptor }],
      },
    );
    expect(await get(app, 'work/of/chat-1')).toEqual({ chat: 'chat-1', sessionId: 'chat-1' });
  });

  it('gives @SessionId() to pipes', async () => {
    const app = await start({ from: { header: 'x-id' } });
    expect(await get(app, 'work/uuid', { 'x-id': 'chat-1' })).toMatchObject({ statusCode: 400 });
  });

  it.each(['../etc', 'a b', 'x'.repeat(129), '%0d%0a', '{"a":1}'])(
    'passes over an id that can be none, and says so once: %s',
    async (id) => {
      const app = await start({ from: { header: 'x-id' } });
      for (let n = 0; n < 2; n++) expect(await get(app, 'work', { 'x-id': id })).toEqual({});
      expect(app.logger.warnings.filter((what) => what.includes('context.from'))).toHaveLength(1);
    },
  );

  it('goes on without a session where a function throws', async () => {
    const from = (): string => {
      throw new Error('no session store');
    };
    expect(await get(await start({ from }), 'work')).toEqual({});
  });

  it.each<[unknown]>([['x-id'], [{ header: '' }], [{ header: 'a', cookie: 'b' }], [{}], [[{ body: 'x' }]]])(
    'refuses a wrong source at start: %j',
    async (from) => {
      await expect(start({ from } as SessionContextOptions)).rejects.toMatchObject({
        code: 'INVALID_OPTIONS',
      });
    },
  );
});
