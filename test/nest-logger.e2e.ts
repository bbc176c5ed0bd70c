import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { Controller, Get, Logger } from '@nestjs/common';
import {
  readLogFiles,
  runInSession,
  SessionNestLogger,
  type LogEntry,
  type LogFileEntry,
  type LogSink,
  type SessionLoggerOptions,
} from 'nestjs-session-logger';
import { cleanUp } from './support/clean-up.js';
import { EventStream } from './support/event-stream.js';
import { printed } from './support/printed.js';
import { tempDir } from './support/temp-dir.js';
import { startApp, type TestApp } from './support/test-app.js';
import { useNestLogger } from './support/use-nest-logger.js';

afterEach(cleanUp);

interface Started extends TestApp {
  dir: string;
  nest: SessionNestLogger;
}

async function start(options: SessionLoggerOptions = {}): Promise<Started> {
  const dir = tempDir();
  const app = await startApp({ files: { dir }, ...options }, { configure: useNestLogger });
  return { ...app, dir, nest: app.app.get(SessionNestLogger) };
}

async function linesIn({ logs, dir }: Started): Promise<LogFileEntry[]> {
  await logs.flush();
  const lines: LogFileEntry[] = [];
  for await (const line of readLogFiles({ dir })) lines.push(line);
  return lines.filter(({ context }) => context?.startsWith('My') ?? true);
}

/** Ways to log one error, of which each shows its stack somewhere. */
function errorCalls(): { stack: string; calls: [unknown, ...unknown[]][] } {
  const err = Object.assign(new Error('broken'), {
    config: { headers: 'secret' },
    toJSON: () => ({ stack: err.stack, config: err.config }),
  });
  const stack = err.stack!;
  const fails = (): never => {
    throw err;
  };
  const throwing = Object.defineProperty({ err }, 'x', { get: fails, enumerable: true });
  return {
    stack,
    calls: [
      [stack],
      [`failed ${stack}`],
      [err],
      [new Error(`failed ${stack}`)],
      [new AggregateError([err])],
      [{ message: 'm', stack }],
      [{ message: stack }],
      ['m', stack, stack],
      ['m', { stack }],
      ['m', [stack]],
      ['m', err],
      ['m', { err }],
      ['m', { deep: [{ err }] }],
      ['m', new Map([['err', err]])],
      ['m', throwing],
      ['m', { err, toJSON: fails }],
      ['m', { err, toJSON: () => undefined }],
      ['m', new Error('outer', { cause: err })],
    ],
  };
}

describe('SessionNestLogger', () => {
  it('writes each level to the terminal, with Nest’s look, and to the daily file', async () => {
    const terminal = printed();
    const app = await start();
    const logger = new Logger('MyService');
    for (const level of ['verbose', 'debug', 'log', 'warn', 'error', 'fatal'] as const)
      logger[level](`a ${level}`);
    const levels = ['verbose', 'debug', 'log', 'warn', 'error', 'fatal'];
    const look = levels.map((level) =>
      expect.stringMatching(
        `^\\[Nest\\] ${process.pid} .* ${level.toUpperCase()} \\[MyService\\] a ${level}$`,
      ),
    );
    expect(
      terminal()
        .split('\n')
        .filter((line) => line.includes('[MyService]')),
    ).toEqual(look);
    expect(await linesIn(app)).toEqual(
      levels.map((level) =>
        expect.objectContaining({ level, message: `a ${level}`, context: 'MyService', sessionId: '' }),
      ),
    );
    expect(app.logs.getAllLogsInQueue()).toEqual([]);
  });

  it('keeps the stacks of errors, and what else is given as data', async () => {
    const terminal = printed();
    const app = await start();
    const logger = new Logger('MyService');
    const error = new Error('broken');
    logger.error('It failed', error.stack);
    logger.error(error);
    logger.warn('Slow', { ms: 900 });
    logger.log('Many', 1, ['x']);
    const lines = await linesIn(app);
    expect(lines).toMatchObject([
      { message: 'It failed', stack: error.stack },
      { message: 'broken', stack: error.stack },
      { message: 'Slow', data: { ms: 900 } },
      { message: 'Many', data: { params: [1, ['x']] } },
    ]);
    expect(terminal()).toContain(`It failed\n${error.stack}`.replaceAll('\n', '\n  '));
    expect(terminal()).toContain('Slow - {"data":{"ms":900}}\n');
  });

  it('writes what was logged before it was there, where logs are buffered', async () => {
    printed();
    const app = await start();
    Logger.attachBuffer();
    new Logger('MyStart').log('early');
    Logger.flush();
    Logger.detachBuffer();
    expect(await linesIn(app)).toEqual([expect.objectContaining({ message: 'early', context: 'MyStart' })]);
  });

  it('leaves the session out of the stream, and in the file, unless it is to capture', async () => {
    printed();
    const app = await start();
    runInSession('chat-1', () => new Logger('MyAgent').warn('internal'));
    expect(await linesIn(app)).toEqual([
      expect.objectContaining({ sessionId: 'chat-1', message: 'internal', stream: false }),
    ]);
    expect(app.logs.getAllLogsInQueue()).toEqual([]);
    expect((await app.logs.getSessionHistory('chat-1')).records).toEqual([]);
  });

  it('gives lines to the readers of their session where it is to capture, in order, without stacks', async () => {
    printed();
    const app = await start({ context: { capture: true } });
    const stream = await EventStream.open(`${app.url}/logs/chat-1`);
    const following = app.logs.getSessionEntries('chat-1');
    const error = new Error('broken');
    await runInSession('chat-1', async () => {
      await app.logs.logChunkToQueue('before');
      new Logger('MyAgent').error('It failed', error.stack, { tool: 'search' });
      await app.logs.logChunkToQueue('after');
    });
    new Logger('MyAgent').log('outside');
    const entries = await stream.entries(3);
    expect(entries.map(({ message }) => message)).toEqual(['before', 'It failed', 'after']);
    expect(entries[1]).toMatchObject({
      logType: 'log',
      level: 'error',
      context: 'MyAgent',
      data: { tool: 'search' },
    });
    const own: LogEntry[] = [];
    for (let n = 0; n < 3; n++) own.push((await following.next()).value!);
    const { records } = await app.logs.getSessionHistory('chat-1');
    for (const given of [entries, own, records])
      expect(JSON.stringify(given)).not.toContain('nest-logger.e2e');
    const lines = await linesIn(app);
    expect(lines.find(({ message }) => message === 'It failed')).toMatchObject({ stack: error.stack });
    expect(lines.find(({ message }) => message === 'outside')).toMatchObject({ sessionId: '' });
  });

  it('gives readers no stack, however it is logged, and keeps it in the file', async () => {
    printed();
    const app = await start({ context: { capture: true } });
    const stream = await EventStream.open(`${app.url}/logs/chat-1`);
    const { stack, calls } = errorCalls();
    const logger = new Logger('MyAgent');
    runInSession('chat-1', () => calls.forEach((params) => logger.error(...params)));
    const entries = await stream.entries(calls.length);
    const { records } = await app.logs.getSessionHistory('chat-1');
    for (const given of [entries, records])
      expect(JSON.stringify(given)).not.toMatch(/nest-logger\.e2e|secret|\\n +at /);
    const lines = await linesIn(app);
    expect(lines.map((line) => line.stack?.includes(stack))).toEqual(calls.map(() => true));
  });

  it('gives readers the stacks, too, where it is to', async () => {
    printed();
    const app = await start({ context: { capture: true, stacks: true } });
    const stream = await EventStream.open(`${app.url}/logs/chat-1`);
    const error = new Error('broken');
    runInSession('chat-1', () => new Logger('MyAgent').error(error));
    expect(await stream.entries(1)).toEqual([
      expect.objectContaining({ message: 'broken', stack: error.stack }),
    ]);
  });

  it('changes levels while it runs, for all and for one context', async () => {
    printed();
    const app = await start();
    const [one, other] = [new Logger('MyOne'), new Logger('MyOther')];
    const all = (): void => {
      for (const logger of [one, other]) {
        logger.debug('debug');
        logger.warn('warn');
      }
    };
    app.nest.setLevel('warn');
    all();
    app.nest.setLevel('debug', 'MyOne');
    all();
    app.nest.setLevel('off', 'MyOther');
    all();
    app.nest.setLogLevels(['error']);
    new Logger('MyThird').warn('not');
    app.nest.resetLevel('MyOther');
    other.error('error');
    const lines = (await linesIn(app)).map(({ context, level }) => `${context} ${level}`);
    expect(lines).toEqual([
      'MyOne warn',
      'MyOther warn',
      'MyOne debug',
      'MyOne warn',
      'MyOther warn',
      'MyOne debug',
      'MyOne warn',
      'MyOther error',
    ]);
    expect(() => app.nest.setLevel('loud' as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_LEVEL' }),
    );
  });

  it('takes levels from Nest as Nest means them', async () => {
    printed();
    const app = await start();
    app.app.useLogger(['warn']);
    const logger = new Logger('MyService');
    const lazy = jest.fn(() => 'lazy');
    logger.log(lazy);
    logger.error('grave');
    expect(lazy).not.toHaveBeenCalled();
    expect(await linesIn(app)).toEqual([expect.objectContaining({ message: 'grave' })]);
    expect(() => app.app.useLogger(['loud' as never])).toThrow(
      expect.objectContaining({ code: 'INVALID_LEVEL' }),
    );
  });

  it('prints once where the terminal sink prints', async () => {
    const terminal = printed();
    const app = await start({ terminal: true });
    new Logger('MyService').log('once');
    await app.logs.flush();
    expect(terminal().match(/once/g)).toHaveLength(1);
  });

  it('never gives what this package says of itself to readers, and does not go round in circles', async () => {
    printed();
    const sink: LogSink = {
      name: 'own',
      write: () => {
        throw new Error('no warehouse');
      },
    };
    const app = await start({
      context: { capture: true },
      sinks: [sink],
      limits: { queueEntries: 2, overflow: 'reject' },
    });
    await app.logs.distribute({ finite: true });
    const before = app.logs.stats().refused;
    await runInSession('chat-1', async () => {
      for (let n = 0; n < 50; n++) new Logger('MyAgent').log(`line ${n}`);
      await app.logs.logChunkToQueue('x'.repeat(10), 'not an id').catch(() => {});
      await app.logs.distribute({ finite: true });
    });
    await app.logs.distribute({ finite: true });
    const contexts = app.logs.getAllLogsInQueue().map(({ context }) => context);
    expect(new Set(contexts)).toEqual(new Set(['MyAgent']));
    // 48 of the lines, what is no id, and what the first refusal was told by.
    expect(app.logs.stats().refused - before).toBeLessThan(55);
  });

  it('takes anything, and forges no line', async () => {
    const terminal = printed();
    const app = await start();
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const logger = new Logger('My\u001b[2JContext');
    logger.log('first\n{"uid":"forged","sessionId":"x"}\u001b[2J\u202e', cycle, 10n);
    logger.log(undefined);
    logger.log(() => 'lazy');
    const lines = await linesIn(app);
    expect(lines.map(({ uid }) => uid)).not.toContain('forged');
    expect(lines).toHaveLength(3);
    // eslint-disable-next-line no-control-regex -- these are what must not be there
    expect(terminal()).not.toMatch(/\u001b\[2J|\u202e/);
    const text = readdirSync(app.dir)
      .map((name) => readFileSync(join(app.dir, name), 'utf8'))
      .join('');
    expect(
      text
        .trim()
        .split('\n')
        .every((line) => typeof JSON.parse(line) === 'object'),
    ).toBe(true);
  });

  it('makes a small line of a huge object, soon', async () => {
    printed();
    const app = await start();
    let shared: object = { v: 1 };
    for (let n = 0; n < 13; n++) shared = { a: shared, b: shared, c: shared };
    new Logger('MyService').log('dag', shared);
    const [line] = await linesIn(app);
    expect(JSON.stringify(line).length).toBeLessThan(65_536);
  });

  it('never throws, and logs that there was something', async () => {
    printed();
    const app = await start();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const logger = new Logger('MyService');
    logger.warn(proxy);
    logger.warn('m', proxy);
    expect(await linesIn(app)).toMatchObject([
      { level: 'warn', context: 'MyService', message: 'something that cannot be shown' },
      { level: 'warn', context: 'MyService', data: { params: ['something that cannot be shown'] } },
    ]);
  });

  it('takes lines after the application has closed', async () => {
    const terminal = printed();
    const app = await start();
    await app.close();
    new Logger('MyService').log('late');
    expect(terminal()).toContain('late');
    const lines: string[] = [];
    for await (const { message } of readLogFiles({ dir: app.dir })) lines.push(message);
    expect(lines).toContain('late');
  });

  it('knows the session of the request that it is called in', async () => {
    printed();
    @Controller('work')
    class WorkController {
      private readonly logger = new Logger('MyController');
      @Get()
      work(): string {
        this.logger.log('worked');
        return 'done';
      }
    }
    const dir = tempDir();
    const options: SessionLoggerOptions = {
      files: { dir },
      context: { from: { header: 'x-id' }, capture: true },
    };
    const app = await startApp(options, { controllers: [WorkController], configure: useNestLogger });
    await fetch(`${app.url}/work`, { headers: { 'x-id': 'chat-1' } });
    await app.logs.distribute({ finite: true });
    expect(app.logs.getAllLogsInQueue()).toEqual([
      expect.objectContaining({
        sessionId: 'chat-1',
        message: 'worked',
        context: 'MyController',
        logType: 'log',
      }),
    ]);
  });
});
