import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  Inject,
  Injectable,
  Module,
  type CanActivate,
  type DynamicModule,
  type ExecutionContext,
} from '@nestjs/common';
import {
  SessionLoggerModule,
  SessionLoggerService,
  type SessionLoggerFactoryOptions,
  type SessionLoggerOptions,
  type SessionLoggerOptionsFactory,
  type SessionRequest,
} from 'nestjs-session-logger';
import request from 'supertest';
import { cleanUp } from './support/clean-up.js';
import { EventStream } from './support/event-stream.js';
import { endSession, logChat, startApp, startModule } from './support/test-app.js';
import { tempDir } from './support/temp-dir.js';

afterEach(cleanUp);

/** What an application keeps its settings in. */
@Injectable()
class Settings {
  readonly retry = 4_321;
  readonly token = 'Bearer t';
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

@Injectable()
class TokenGuard implements CanActivate {
  constructor(@Inject(Settings) private readonly settings: Settings) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<SessionRequest>();
    return headers.authorization === this.settings.token;
  }
}

@Injectable()
class LoggerOptions implements SessionLoggerOptionsFactory {
  constructor(@Inject(Settings) private readonly settings: Settings) {}

  createSessionLoggerOptions(): SessionLoggerFactoryOptions {
    return { files: false, http: { retry: this.settings.retry } };
  }
}

@Module({ imports: [SettingsModule], providers: [LoggerOptions], exports: [LoggerOptions] })
class LoggerOptionsModule {}

describe('forRootAsync', () => {
  it('refuses options that the factory should return', () => {
    const options = { useFactory: () => ({}), autoStart: false };
    expect(() => SessionLoggerModule.forRootAsync(options)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTIONS',
        message: expect.stringContaining('autoStart does not stand here'),
      }) as Error,
    );
  });

  const imports = [SettingsModule];
  const modules: [string, DynamicModule][] = [
    [
      'useFactory',
      SessionLoggerModule.forRootAsync({
        imports,
        inject: [Settings],
        useFactory: (settings: Settings) => ({ files: false, http: { retry: settings.retry } }),
      }),
    ],
    [
      'an asynchronous useFactory',
      SessionLoggerModule.forRootAsync({
        imports,
        inject: [Settings],
        useFactory: (settings: Settings) =>
          Promise.resolve({ files: false as const, http: { retry: settings.retry } }),
      }),
    ],
    ['useClass', SessionLoggerModule.forRootAsync({ imports, useClass: LoggerOptions })],
    [
      'useExisting',
      SessionLoggerModule.forRootAsync({ imports: [LoggerOptionsModule], useExisting: LoggerOptions }),
    ],
  ];

  it.each(modules)('takes options by %s', async (_, module) => {
    const { url } = await startModule(module);
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    expect(await stream.next()).toEqual({ retry: 4_321 });
  });

  it('takes path and guards beside the factory, guards resolved through imports', async () => {
    const { url } = await startModule(
      SessionLoggerModule.forRootAsync({
        imports,
        http: { path: 'sessions', guards: [TokenGuard] },
        useFactory: () => ({ files: false, http: { retry: 7 } }),
      }),
    );
    await request(url).get('/logs/chat-1').expect(404);
    await request(url).get('/sessions/chat-1').expect(403);
    const stream = await EventStream.open(`${url}/sessions/chat-1`, { Authorization: 'Bearer t' });
    expect(stream.status).toBe(200);
    expect(await stream.next()).toEqual({ retry: 7 });
  });

  it('takes authorize in the factory', async () => {
    const { url } = await startModule(
      SessionLoggerModule.forRootAsync({
        imports,
        inject: [Settings],
        useFactory: ({ token }: Settings) => ({
          files: false,
          http: { authorize: ({ headers }) => headers.authorization === token },
        }),
      }),
    );
    await request(url).get('/logs/chat-1').expect(403);
    expect((await EventStream.open(`${url}/logs/chat-1`, { Authorization: 'Bearer t' })).status).toBe(200);
  });

  it('serves no endpoint with http: false beside the factory', async () => {
    const { url, logs } = await startModule(
      SessionLoggerModule.forRootAsync({ http: false, useFactory: () => ({ files: false }) }),
    );
    await logChat(logs, 'chat-1', 'a');
    await request(url).get('/logs/chat-1').expect(404);
  });

  it.each<[string, SessionLoggerOptions]>([
    ['isGlobal', { isGlobal: true }],
    ['http: false', { http: false }],
    ['http.path', { http: { path: 'sessions' } }],
    ['http.guards', { http: { guards: [] } }],
  ])('fails at start where the factory returns %s, and says where to put it', async (option, made) => {
    const starting = startModule(
      SessionLoggerModule.forRootAsync({
        useFactory: () => ({ files: false, ...made }) as SessionLoggerFactoryOptions,
      }),
    );
    await expect(starting).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      details: { option },
      message: expect.stringMatching(/factory returned .*Put it beside useFactory/),
    });
  });

  it('fails at start where the factory returns a wrong option, and names it', async () => {
    const starting = startModule(
      SessionLoggerModule.forRootAsync({ useFactory: () => ({ files: false, limits: { sessions: 0 } }) }),
    );
    await expect(starting).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining('limits.sessions is 0; expected a whole number above 0'),
    });
  });

  it('fails at the call where what stands beside the factory is wrong', () => {
    expect(() =>
      SessionLoggerModule.forRootAsync({ http: { path: '' }, useFactory: () => ({ files: false }) }),
    ).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS', details: { option: 'http.path' } }));
  });
});

describe('forRoot', () => {
  it('works with the defaults', () => {
    expect(SessionLoggerModule.forRoot()).toMatchObject({ global: true, module: SessionLoggerModule });
  });

  it.each<[string, unknown]>([
    ['isGlobal', 'yes'],
    ['autoStart', 1],
    ['files', true],
    ['files.dir', ''],
    ['files.format', 'xml'],
    ['files.maxSize', '20 MB'],
    ['files.compress', 'gzip'],
    ['files.utc', null],
    ['terminal', 'stdout'],
    ['terminal', { handler: 'print' }],
    ['tokens', []],
    ['tokens.reasoningStop', ''],
    ['limits', 5],
    ['limits.sessionEntries', -1],
    ['limits.sessionBytes', 1.5],
    ['limits.flushTimeout', Infinity],
    ['store', {}],
    ['store', { append: () => {}, open: () => {} }],
    ['files.retention', -1],
    ['files.maxSize', '0k'],
    ['sinks', [{ name: 'x' }]],
    ['sinks', [sink('x'), sink('x')]],
    ['sinks', [sink('file')]],
    ['http', true],
    ['http.path', ':id'],
    ['http.guards', TokenGuard],
    ['http.guards', [{}]],
    ['http.authorize', 'all'],
    ['http.heartbeat', 0],
    ['http.heartbeat', true],
    ['http.retry', '2s'],
  ])('refuses a wrong %s and says what it expects', (option, value) => {
    expect(() => SessionLoggerModule.forRoot(optionsOf(option, value))).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTIONS',
        details: { option },
        message: expect.stringMatching(
          new RegExp(`option ${option} is .+; expected .+ Correct it, or leave it out for the default`),
        ),
      }),
    );
  });

  it.each(['file', 'http.heartBeat', 'limits.entries', 'files.path', 'tokens.stop', 'toString'])(
    'refuses the unknown option %s and tells the known ones',
    (option) => {
      expect(() => SessionLoggerModule.forRoot(optionsOf(option, 1))).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTIONS',
          message: expect.stringMatching(new RegExp(`no option ${option}\\. Known here: .+`)),
        }),
      );
    },
  );

  it('takes a retention of 0 days', () => {
    expect(() => SessionLoggerModule.forRoot({ files: { retention: 0 } })).not.toThrow();
  });

  it('takes undefined for the default', async () => {
    const { url } = await startApp({ http: { retry: undefined, path: undefined } as object });
    expect(await (await EventStream.open(`${url}/logs/chat-1`)).next()).toEqual({ retry: 2_000 });
  });

  it('takes guards as instances', async () => {
    const { url } = await startApp({ http: { guards: [{ canActivate: () => false }] } });
    await request(url).get('/logs/chat-1').expect(403);
  });

  it('serves no endpoint with http: false, and the service works', async () => {
    const { url, logs } = await startApp({ http: false });
    await logChat(logs, 'chat-1', 'a');
    await endSession(logs, 'chat-1');
    await request(url).get('/logs/chat-1').expect(404);
    for await (const message of logs.getSessionLogs('chat-1')) expect(message).toBe('a');
  });

  it('writes the daily file where files.dir says', async () => {
    const dir = join(tempDir(), 'made', 'on', 'the', 'way');
    const { logs, close } = await startApp({ files: { dir } });
    await logChat(logs, 'chat-1', 'a');
    await close();
    expect(readdirSync(dir)).toContainEqual(expect.stringMatching(/^\d{4}-\d\d-\d\d\.log$/));
  });

  it('writes no file with files: false', async () => {
    const { logs, close } = await startApp();
    await logChat(logs, 'chat-1', 'a');
    await close();
    expect(logs.stats().sinks).toEqual({});
  });
});

describe('isGlobal', () => {
  @Injectable()
  class Chat {
    constructor(@Inject(SessionLoggerService) readonly logs: SessionLoggerService) {}
  }

  @Module({ providers: [Chat] })
  class ChatModule {}

  it('is the default: a module that does not import the session logger has its service', async () => {
    const { app, logs } = await startApp({}, { imports: [ChatModule] });
    expect(app.get(Chat).logs).toBe(logs);
  });

  it.each(['forRoot', 'forRootAsync'] as const)(
    'false keeps the service of %s from such a module',
    async (how) => {
      const starting =
        how === 'forRoot'
          ? startApp({ isGlobal: false }, { imports: [ChatModule] })
          : startModule(
              SessionLoggerModule.forRootAsync({ isGlobal: false, useFactory: () => ({ files: false }) }),
              { imports: [ChatModule] },
            );
      await expect(starting).rejects.toThrow(/dependencies of the Chat/);
    },
  );

  it('false gives the service to the module that imports it', async () => {
    const { app, logs } = await startApp({ isGlobal: false }, { providers: [Chat] });
    expect(app.get(Chat).logs).toBe(logs);
  });
});

function sink(name: string): object {
  return { name, write: () => {} };
}

/** `{ a: { b: value } }` of `a.b`. */
function optionsOf(option: string, value: unknown): SessionLoggerOptions {
  const [first, second] = option.split('.');
  return { [first!]: second === undefined ? value : { [second]: value } };
}
