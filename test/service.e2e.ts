import { Test, type TestingModule } from '@nestjs/testing';
import {
  LogEntry,
  SessionLoggerModule,
  SessionLoggerService,
  type JsonObject,
  type EndSessionOptions,
  type LogSink,
  type SessionLoggerOptions,
} from 'nestjs-session-logger';
import { firstValueFrom, toArray } from 'rxjs';

let context: TestingModule;
let logs: SessionLoggerService;

async function start(options: SessionLoggerOptions = {}): Promise<void> {
  const imports = [SessionLoggerModule.forRoot({ files: false, http: false, ...options })];
  context = await Test.createTestingModule({ imports }).compile();
  context.useLogger(false);
  await context.init();
  logs = context.get(SessionLoggerService);
}

afterEach(() => context.close());

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('logging', () => {
  it('accepts a chunk, stamped at the call, and stores it with uid and id', async () => {
    await start();
    const before = new Date().toISOString();
    await logs.logChunkToQueue('hello', 's');
    await logs.distribute({ finite: true });
    const [entry] = logs.getAllLogsInQueue();
    expect(entry).toBeInstanceOf(LogEntry);
    expect(entry).toMatchObject({
      sessionId: 's',
      message: 'hello',
      logType: 'chat',
      uid: expect.stringMatching(/^[0-9a-f]{8}-1$/),
      id: expect.stringMatching(/^[0-9a-z]+-1$/),
    });
    expect(entry!.timestamp >= before && entry!.timestamp <= new Date().toISOString()).toBe(true);
  });

  it('accepts a whole entry', async () => {
    await start();
    const input = {
      sessionId: 's',
      message: 'm',
      logType: 'log',
      level: 'warn',
      context: 'Model',
      data: { tokens: 3 },
      timestamp: '2026-01-02T03:04:05.678Z',
    } as const;
    await logs.logEntryToQueue(input);
    expect(logs.getAllLogsInQueue()).toEqual([expect.objectContaining(input)]);
  });

  it.each([
    ['INVALID_SESSION_ID', () => logs.logChunkToQueue('m', '../etc')],
    ['INVALID_SESSION_ID', () => logs.endSession('')],
    ['INVALID_MESSAGE', () => logs.logChunkToQueue(7 as never, 's')],
    [
      'INVALID_LOG_TYPE',
      () => logs.logEntryToQueue({ sessionId: 's', message: 'm', logType: 'audit' as never }),
    ],
    ['INVALID_ENTRY', () => logs.logEntryToQueue(undefined as never)],
    ['INVALID_END', () => logs.endSession('s', { reason: 'bored' as never })],
  ])('refuses bad input with %s and what was expected, and counts it', async (code, call) => {
    await start();
    const refused = expect.objectContaining({
      code,
      name: 'SessionLoggerError',
      message: expect.stringContaining('expected'),
    });
    await expect(call()).rejects.toEqual(refused);
    expect(logs.stats()).toMatchObject({ accepted: 0, refused: 1 });
    expect(logs.getAllLogsInQueue()).toEqual([]);
  });

  it('survives refusals that nobody awaits', async () => {
    await start();
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown): number => unhandled.push(reason);
    process.on('unhandledRejection', onUnhandled);
    void logs.logChunkToQueue('m', 'not an id');
    await turn();
    await turn();
    process.off('unhandledRejection', onUnhandled);
    expect(unhandled).toEqual([]);
  });

  it('serves a reader while a loop of awaited calls runs', async () => {
    await start();
    let isOver = false;
    const reader = (async () => {
      let seen = 0;
      for await (const _ of logs.getSessionLogs('s')) if (++seen === 5_000) break;
      isOver = true;
    })();
    let logged = 0;
    while (!isOver && logged < 1_000_000) {
      await logs.logChunkToQueue('x', 's');
      logged++;
    }
    await reader;
    expect(logged).toBeLessThan(1_000_000);
  });

  it('lets the queue be drained under a caller who tries again and again', async () => {
    await start({ limits: { queueEntries: 1, waiting: 1 } });
    void logs.logChunkToQueue('a', 's');
    void logs.logChunkToQueue('b', 's');
    let tries = 0;
    const log = async (): Promise<void> => {
      tries++;
      if (tries < 100_000) await logs.logChunkToQueue('c', 's').catch(log);
    };
    await log();
    expect(tries).toBeLessThan(100_000);
  });

  it('refuses data that is nested too deep to be written', async () => {
    await start();
    const nested = (depth: number): object => (depth === 1 ? {} : { a: nested(depth - 1) });
    const log = (depth: number): Promise<void> =>
      logs.logEntryToQueue({ sessionId: 's', message: 'm', data: nested(depth) as JsonObject });
    await expect(log(100)).resolves.toBeUndefined();
    await expect(log(101)).rejects.toMatchObject({ code: 'INVALID_DATA' });
    await expect(log(4_000)).rejects.toMatchObject({ code: 'INVALID_DATA' });
  });

  it('cuts a message that is too long at a character border, and marks it', async () => {
    await start({ limits: { messageBytes: 7 } });
    await logs.logChunkToQueue('12345äö', 's');
    await logs.logChunkToQueue('12345ä', 's');
    const [cut, whole] = logs.getAllLogsInQueue();
    expect(cut).toMatchObject({ message: '12345ä', truncated: true, originalBytes: 9 });
    expect(whole).toMatchObject({ message: '12345ä' });
    expect(whole).not.toHaveProperty('truncated');
  });

  it('keeps only the newest with drop-oldest, counted', async () => {
    await start({ autoStart: false, limits: { queueEntries: 2, overflow: 'drop-oldest' } });
    for (const message of ['a', 'b', 'c']) await logs.logChunkToQueue(message, 's');
    expect(logs.stats()).toMatchObject({ accepted: 3, refused: 0, queue: { entries: 2, dropped: 1 } });
    await logs.distribute({ finite: true });
    expect(logs.getAllLogsInQueue().map((entry) => entry.message)).toEqual(['b', 'c']);
  });

  it('makes callers wait for room in a full central queue, and refuses beyond that', async () => {
    await start({ autoStart: false, limits: { queueEntries: 2, waiting: 1 } });
    await logs.logChunkToQueue('a', 's');
    await logs.logChunkToQueue('b', 's');
    const third = logs.logChunkToQueue('c', 's');
    await expect(logs.logChunkToQueue('d', 's')).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(logs.stats().queue).toMatchObject({ entries: 2, waiting: 1 });
    await logs.distribute({ finite: true });
    await third;
    expect(logs.getAllLogsInQueue().map((entry) => entry.message)).toEqual(['a', 'b', 'c']);
  });
});

describe('history in memory', () => {
  it('is given in the order of acceptance over all sessions, the central queue included', async () => {
    await start({ autoStart: false });
    await logs.logChunkToQueue('1', 'b');
    await logs.logChunkToQueue('2', 'a');
    await logs.distribute({ finite: true });
    await logs.logChunkToQueue('3', 'b');
    await logs.endSession('a');
    await logs.logChunkToQueue('4', 'c');
    expect(logs.getAllLogsInQueue().map((entry) => entry.message)).toEqual(['1', '2', '3', '4']);
    logs.getAllLogsInQueue().length = 0;
    expect(logs.getAllLogsInQueue()).toHaveLength(4);
    expect(logs.allSessionsInQueue).toEqual(['a', 'b', 'c']);
    expect(logs.allSessionsInQueues.toSorted()).toEqual(['a', 'b']);
  });
});

describe('distribute', () => {
  it('waits for nothing when autoStart is off and nobody asks', async () => {
    await start({ autoStart: false });
    await logs.logChunkToQueue('a', 's');
    await turn();
    expect(logs.stats().distributed).toBe(0);
    const running = logs.distribute();
    expect(logs.stats().distributed).toBe(0);
    await turn();
    expect(logs.stats().distributed).toBe(1);
    await context.close();
    await running;
  });

  it('resolves a finite run once all that was logged before is distributed, the background one running', async () => {
    await start();
    for (let index = 0; index < 5_000; index++) void logs.logChunkToQueue(String(index), 's');
    await logs.distribute({ finite: true });
    expect(logs.stats()).toMatchObject({ distributed: 5_000, retained: { entries: 5_000 } });
  });
});

describe('reading', () => {
  it('gives each of two readers every entry, also one that comes late', async () => {
    await start();
    const early = collect(logs.getSessionLogs('s'));
    for (const message of ['a', 'b', 'c']) await logs.logChunkToQueue(message, 's');
    await logs.distribute({ finite: true });
    const late = collect(logs.getSessionLogs('s'));
    await logs.logChunkToQueue('d', 's');
    await logs.endSession('s');
    expect(await Promise.all([early, late])).toEqual([
      ['a', 'b', 'c', 'd'],
      ['a', 'b', 'c', 'd'],
    ]);
  });

  it('keeps interleaved sessions apart and in order', async () => {
    await start();
    const ids = Array.from({ length: 20 }, (_, index) => `s${index}`);
    const readers = ids.map((id) => collect(logs.getSessionLogs(id)));
    const expected = Array.from({ length: 50 }, (_, index) => String(index));
    for (const message of expected) for (const id of ids) void logs.logChunkToQueue(message, id);
    for (const id of ids) await logs.endSession(id);
    for (const messages of await Promise.all(readers)) expect(messages).toEqual(expected);
  });

  it('yields entries, and resumes after the id of one', async () => {
    await start();
    for (const message of ['a', 'b', 'c']) await logs.logChunkToQueue(message, 's');
    await logs.endSession('s');
    await logs.distribute({ finite: true });
    const [first] = await collect(logs.getSessionEntries('s'));
    const rest = await collect(logs.getSessionEntries('s', { from: first!.id! }));
    expect(rest.map((entry) => entry.message)).toEqual(['b', 'c']);
  });

  it.each(['getSessionLogs', 'getSessionEntries', 'observeSession'] as const)(
    '%s refuses bad input at the call',
    async (member) => {
      await start();
      expect(() => logs[member]('bad id')).toThrow(
        expect.objectContaining({ code: 'INVALID_SESSION_ID' }) as Error,
      );
      expect(() => logs[member]('s', { from: 3 as never })).toThrow(
        expect.objectContaining({ code: 'INVALID_POSITION' }) as Error,
      );
      expect(logs.allSessionsInQueues).toEqual([]);
    },
  );

  it('observes a session with ids, gap and end as events, and completes', async () => {
    await start();
    await logs.logChunkToQueue('a', 's');
    await logs.endSession('s', { error: new Error('out of tokens') });
    const events = await firstValueFrom(
      logs.observeSession('s', { from: 'nonsense', throwOnError: true }).pipe(toArray()),
    );
    expect(events).toEqual([
      {
        type: 'gap',
        id: expect.stringMatching(/-0$/),
        data: expect.objectContaining({ reason: 'malformed' }),
      },
      { id: expect.stringMatching(/-1$/), data: expect.objectContaining({ message: 'a' }) },
      { type: 'end', id: expect.stringMatching(/-2$/), data: { reason: 'error', error: 'out of tokens' } },
    ]);
  });

  it.each([
    { timeout: '5' },
    { idleTimeout: 2 ** 31 },
    { timeout: -1 },
    { timeout: null },
    { signal: new AbortController() },
    { onGap: 'tell me' },
  ])('refuses the reading option %j at the call, and holds nothing', async (options) => {
    await start();
    const refused = expect.objectContaining({ code: 'INVALID_READ_OPTION' }) as Error;
    expect(() => logs.getSessionLogs('s', options as never)).toThrow(refused);
    expect(logs.stats()).toMatchObject({ readers: 0, sessions: 0 });
  });

  it('holds no turn for a pop that was refused', async () => {
    await start();
    expect(() => logs.pop('s', { signal: {} as never })).toThrow();
    void logs.logChunkToQueue('</think>', 's');
    expect(await collect(logs.pop('s'))).toEqual(['</think>']);
  });

  it("gives one who reads from 'now' nothing that was logged before the call, queued or not", async () => {
    await start();
    void logs.logChunkToQueue('old', 's');
    void logs.endSession('s');
    const reader = collect(logs.getSessionLogs('s', { from: 'now' }));
    await logs.distribute({ finite: true });
    void logs.logChunkToQueue('new', 's');
    void logs.endSession('s');
    expect(await reader).toEqual(['new']);
  });

  it('refuses more readers than the limits allow', async () => {
    await start({ limits: { readersPerSession: 1 } });
    const first = logs.getSessionLogs('s');
    expect(() => logs.getSessionLogs('s')).toThrow(
      expect.objectContaining({ code: 'TOO_MANY_READERS' }) as Error,
    );
    await expect(logs.pop('s').next()).rejects.toMatchObject({ code: 'TOO_MANY_READERS' });
    await first.return?.();
    await logs.getSessionLogs('s').return?.();
  });

  it('closes its reader when unsubscribed', async () => {
    await start();
    const subscription = logs.observeSession('s').subscribe();
    expect(logs.stats().readers).toBe(1);
    subscription.unsubscribe();
    expect(logs.stats()).toMatchObject({ readers: 0, sessions: 0 });
  });

  it('ends all readers when the application closes, after they were given everything', async () => {
    await start();
    const reader = collect(logs.getSessionLogs('s'));
    const popper = collect(logs.pop('s'));
    void logs.logChunkToQueue('last words', 's');
    await context.close();
    expect(await Promise.all([reader, popper])).toEqual([['last words'], ['last words']]);
  });
});

describe('pop', () => {
  it('distributes by itself while the distributor is off, and rests afterwards', async () => {
    await start({ autoStart: false });
    const popped = collect(logs.pop('s'));
    await logs.logChunkToQueue('other', 'elsewhere');
    await logs.logChunkToQueue('a', 's');
    await logs.logChunkToQueue('</think>', 's');
    expect(await popped).toEqual(['a', '</think>']);
    await logs.logChunkToQueue('b', 's');
    await turn();
    expect(logs.stats()).toMatchObject({ distributed: 3, queue: { entries: 1 } });
    expect(logs.getAllLogsInQueue().map((entry) => entry.message)).toEqual(['other', 'a', '</think>', 'b']);
  });

  it('stops at the token that the options name', async () => {
    await start({ tokens: { reasoningStop: '[/r]' } });
    for (const message of ['a', '</think>', '[/', 'r] b', 'c']) void logs.logChunkToQueue(message, 's');
    expect(await collect(logs.pop('s'))).toEqual(['a', '</think>', '[/', 'r] b']);
  });
});

describe('endSession', () => {
  it.each([
    [{}, { reason: 'completed' }],
    [{ error: 'down' }, { reason: 'error', error: 'down' }],
    [{ reason: 'cancelled' }, { reason: 'cancelled' }],
    [{ error: null }, { reason: 'completed' }],
    [null, { reason: 'completed' }],
    [{ error: Object.assign(new Error(), { message: 7 }) }, { reason: 'error', error: '7' }],
  ] as const)('%j is told as %j', async (options, told) => {
    await start();
    await logs.endSession('s', options as EndSessionOptions);
    const events = await firstValueFrom(logs.observeSession('s').pipe(toArray()));
    expect(events.map((event) => event.data)).toEqual([told]);
  });

  it('never tells a stack', async () => {
    await start();
    await logs.endSession('s', { error: new Error('secret place') });
    const events = await firstValueFrom(logs.observeSession('s').pipe(toArray()));
    expect(JSON.stringify(events)).not.toContain('service.e2e');
  });
});

describe('sinks', () => {
  const broken: LogSink = {
    name: 'broken',
    write: () => {
      throw new Error('no');
    },
  };

  function collecting(): LogSink & { seen: string[] } {
    const seen: string[] = [];
    return {
      name: 'mine',
      seen,
      write: (entries) => void seen.push(...entries.map((entry) => entry.message)),
    };
  }

  it('gives a sink every entry, no end, in order, and closes it', async () => {
    let closed = 0;
    const mine = { ...collecting(), close: async () => void closed++ };
    await start({ sinks: [mine] });
    await logs.logChunkToQueue('a', 's');
    await logs.endSession('s');
    await logs.logChunkToQueue('b', 's');
    await logs.flush();
    expect(mine.seen).toEqual(['a', 'b']);
    expect(logs.stats().sinks).toEqual({
      mine: { written: 2, failed: 0, dropped: 0, pending: 0, healthy: true },
    });
    await context.close();
    expect(closed).toBe(1);
  });

  it('goes on when one throws, and tells by flush() what was lost since the last', async () => {
    const mine = collecting();
    await start({ sinks: [broken, mine] });
    await logs.logChunkToQueue('a', 's');
    await expect(logs.flush()).rejects.toMatchObject({
      code: 'FLUSH_FAILED',
      details: { broken: { failed: 1, dropped: 0, pending: 0 } },
    });
    await expect(logs.flush()).resolves.toBeUndefined();
    expect(mine.seen).toEqual(['a']);
  });

  it('tells every flush() that was under way of a loss', async () => {
    await start({ sinks: [broken] });
    void logs.logChunkToQueue('a', 's');
    const results = await Promise.allSettled([logs.flush(), logs.flush()]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
  });

  it('survives a flush() that fails and that nobody awaits', async () => {
    await start({ sinks: [broken] });
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown): number => unhandled.push(reason);
    process.on('unhandledRejection', onUnhandled);
    await logs.logChunkToQueue('a', 's');
    void logs.flush();
    await expect(logs.flush()).rejects.toThrow();
    await turn();
    process.off('unhandledRejection', onUnhandled);
    expect(unhandled).toEqual([]);
  });

  it('gives a sink a batch that it cannot change for the others', async () => {
    const mine = collecting();
    const greedy: LogSink = { name: 'greedy', write: (entries) => void (entries as LogEntry[]).splice(0) };
    await start({ sinks: [greedy, mine] });
    await logs.logChunkToQueue('a', 's');
    await expect(logs.flush()).rejects.toMatchObject({ details: { greedy: { failed: 1 } } });
    expect(mine.seen).toEqual(['a']);
  });

  it('does not wait for a sink that hangs: others, readers, flush and close go on', async () => {
    const mine = collecting();
    const hanging: LogSink = { name: 'hanging', write: () => new Promise(() => {}) };
    await start({ sinks: [hanging, mine], limits: { flushTimeout: 20, sinkEntries: 1 } });
    for (const message of ['a', 'b', 'c']) {
      await logs.logChunkToQueue(message, 's');
      await logs.distribute({ finite: true });
    }
    expect(mine.seen).toEqual(['a', 'b', 'c']);
    await expect(logs.flush()).rejects.toMatchObject({ details: { hanging: { dropped: 1, pending: 2 } } });
  });
});

describe('isHealthy()', () => {
  it('is false while a sink fails, and true again by itself', async () => {
    let isBroken = true;
    const sink: LogSink = {
      name: 'mine',
      write: () => {
        if (isBroken) throw new Error('broken');
      },
    };
    await start({ sinks: [sink] });
    expect(logs.isHealthy()).toBe(true);
    await logs.logChunkToQueue('a', 's');
    await expect(logs.flush()).rejects.toMatchObject({ code: 'FLUSH_FAILED' });
    expect([logs.isHealthy(), logs.stats().healthy]).toEqual([false, false]);
    isBroken = false;
    await logs.logChunkToQueue('b', 's');
    await logs.flush();
    expect([logs.isHealthy(), logs.stats().healthy]).toEqual([true, true]);
  });

  it('is false while the queue of a sink is over half full', async () => {
    let release = (): void => {};
    const sink: LogSink = {
      name: 'slow',
      write: () => new Promise<void>((resolve) => (release = resolve)),
    };
    await start({ sinks: [sink], limits: { sinkEntries: 4 } });
    const healthAfter = async (message: string): Promise<boolean> => {
      await logs.logChunkToQueue(message, 's');
      await logs.distribute({ finite: true });
      return logs.isHealthy();
    };
    expect(await healthAfter('in hand')).toBe(true);
    expect(await healthAfter('1')).toBe(true);
    expect(await healthAfter('2')).toBe(true);
    expect(await healthAfter('3')).toBe(false);
    release();
    await turn();
    expect(logs.isHealthy()).toBe(true);
    release();
  });

  it('is false, and flush() rejects at once, while a sink says that it cannot write', async () => {
    const sink: LogSink = { name: 'mine', write: () => {}, failure: new Error('away') };
    await start({ sinks: [sink] });
    expect(logs.isHealthy()).toBe(false);
    await expect(logs.flush()).rejects.toMatchObject({ details: { mine: { error: 'away' } } });
  });
});

describe('a sink that is broken in other ways', () => {
  it.each([
    ['fails with what has no text', { write: () => Promise.reject(Object.create(null) as Error) }],
    [
      'throws when it is asked how it is',
      {
        write: () => {},
        get failure(): unknown {
          throw new Error('broken');
        },
      },
    ],
  ])('and %s: is told of, and the others go on', async (_, parts) => {
    const seen: string[] = [];
    const write = (entries: readonly LogEntry[]): void =>
      void seen.push(...entries.map((one) => one.message));
    const broken: LogSink = Object.defineProperties(
      { name: 'broken', write },
      Object.getOwnPropertyDescriptors(parts),
    );
    await start({ sinks: [broken, { name: 'mine', write }] });
    await logs.logChunkToQueue('a', 's');
    await expect(logs.flush()).rejects.toMatchObject({ code: 'FLUSH_FAILED' });
    expect(seen).toEqual(['a']);
    expect(logs.isHealthy()).toBe(false);
  });
});

it('closes only when a sink has taken what waited for it behind the flush of another', async () => {
  const seen: string[] = [];
  let flushing = (): void => {};
  const flushed = new Promise<void>((resolve) => (flushing = resolve));
  const slow: LogSink = {
    name: 'slow',
    write: async (entries) => {
      await turn();
      seen.push(...entries.map((one) => one.message));
    },
    close: () => void seen.push('closed'),
  };
  const other: LogSink = { name: 'other', write: () => {}, flush: () => flushed };
  await start({ sinks: [slow, other] });
  await logs.logChunkToQueue('a', 's');
  const closing = context.close();
  await turn();
  for (const message of ['b', 'c']) {
    await logs.logChunkToQueue(message, 's');
    await logs.distribute({ finite: true });
  }
  flushing();
  await closing;
  expect(seen).toEqual(['a', 'b', 'c', 'closed']);
});

describe('cancelSession()', () => {
  it('still reaches the producer after an end that was refused', async () => {
    await start({});
    const signal = logs.sessionSignal('s');
    await expect(logs.endSession('s', { reason: 'bad' as never })).rejects.toThrow('expected one of');
    await logs.cancelSession('s');
    expect(signal.aborted).toBe(true);
  });

  it('aborts the signal of the session alone, and ends it as cancelled', async () => {
    await start({});
    const [mine, other] = [logs.sessionSignal('mine'), logs.sessionSignal('other')];
    await logs.logChunkToQueue('a', 'mine');
    const messages = logs.getSessionLogs('mine');
    await logs.cancelSession('mine', 'the user pressed stop');
    expect(mine.reason).toMatchObject({ name: 'AbortError', message: 'the user pressed stop' });
    expect(other.aborted).toBe(false);
    const read: string[] = [];
    for await (const message of messages) read.push(message);
    expect(read).toEqual(['a']);
    expect(logs.sessionSignal('mine').aborted).toBe(false);
  });

  it('is not what a reader does that goes away, nor an end', async () => {
    await start({});
    const signal = logs.sessionSignal('s');
    await logs.logChunkToQueue('a', 's');
    for await (const message of logs.getSessionLogs('s')) {
      expect(message).toBe('a');
      break;
    }
    await logs.endSession('s');
    expect(signal.aborted).toBe(false);
    expect(logs.sessionSignal('s')).not.toBe(signal);
  });

  it('refuses an id that names no session', async () => {
    await start({});
    expect(() => logs.sessionSignal('../x')).toThrow(expect.objectContaining({ code: 'INVALID_SESSION_ID' }));
    await expect(logs.cancelSession('../x')).rejects.toMatchObject({ code: 'INVALID_SESSION_ID' });
  });
});

it('listens for the end of the process while the application runs, and no longer', async () => {
  const before = process.listenerCount('exit');
  await start({});
  expect(process.listenerCount('exit')).toBe(before + 1);
  await context.close();
  expect(process.listenerCount('exit')).toBe(before);
});

it('counts troubles by their kind', async () => {
  await start({});
  await expect(logs.logChunkToQueue('a', '')).rejects.toThrow('sessionId');
  await expect(logs.logChunkToQueue('a', '')).rejects.toThrow('sessionId');
  expect(logs.stats().troubles).toEqual({ refused: 2 });
});
