import { jest } from '@jest/globals';
import type { Gap } from '../entry/gap.js';
import { LogEntry } from '../entry/log-entry.js';
import { SessionEnd } from '../entry/session-end.js';
import type { EndReason } from '../entry/session-end.js';
import { MemoryStore } from './memory-store.js';
import { SessionIterator, type IteratorOptions } from './session-iterator.js';
import type { SessionStoreLimits } from './session-store.interface.js';

const BOUNDS: SessionStoreLimits = {
  sessionEntries: 4,
  sessionBytes: 1e6,
  sessions: 100,
  totalBytes: 1e7,
  sessionIdle: false,
  sessionEnded: false,
  readers: 1_000,
  readersPerSession: 100,
};

let store: MemoryStore;
let failures: unknown[];

beforeEach(() => {
  store = new MemoryStore(BOUNDS);
  failures = [];
});

afterEach(() => {
  jest.useRealTimers();
  expect(store.stats().readers).toBe(0);
});

function log(...messages: string[]): void {
  store.append(messages.map((message) => new LogEntry('p-1', 's', message)));
}

function end(reason: EndReason = 'completed', error?: string): void {
  store.append([new SessionEnd('p-2', 's', '', reason, error)]);
}

function follow(options: IteratorOptions & { from?: string } = {}): SessionIterator<string> {
  const hooks = {
    select: (entry: LogEntry) => entry.message,
    failed: (error: unknown) => failures.push(error),
  };
  return new SessionIterator(store.open('s', options.from), options, hooks);
}

async function collect(iterator: AsyncIterable<string>): Promise<string[]> {
  const messages: string[] = [];
  for await (const message of iterator) messages.push(message);
  return messages;
}

describe('SessionIterator', () => {
  it('yields history, then what comes, and finishes at the end', async () => {
    log('a', 'b');
    const collected = collect(follow());
    await Promise.resolve();
    log('c');
    end();
    expect(await collected).toEqual(['a', 'b', 'c']);
  });

  it('goes on behind an end that entries follow', async () => {
    log('a');
    end();
    log('b');
    end();
    expect(await collect(follow())).toEqual(['a', 'b']);
  });

  it('finishes at once behind an end that is the last thing', async () => {
    log('a');
    end();
    const { position } = openAndClose();
    expect(await collect(follow({ from: position }))).toEqual([]);
  });

  it('waits behind an end for who asks for what comes', async () => {
    end();
    const collected = collect(follow({ from: 'now' }));
    log('a');
    end();
    expect(await collected).toEqual(['a']);
  });

  it('answers several pending next() calls in order', async () => {
    const iterator = follow();
    const pending = [iterator.next(), iterator.next(), iterator.next()];
    log('a', 'b');
    end();
    expect((await Promise.all(pending)).map((result) => result.value)).toEqual(['a', 'b', undefined]);
  });

  it('settles a pending next() at once when returned, closed by a signal or by the store', async () => {
    const abort = new AbortController();
    const iterators = [follow(), follow({ signal: abort.signal }), follow()];
    const pending = iterators.map((iterator) => iterator.next());
    expect(await iterators[0]!.return()).toEqual({ done: true, value: undefined });
    expect(await pending[0]).toEqual({ done: true, value: undefined });
    abort.abort();
    expect(await pending[1]).toEqual({ done: true, value: undefined });
    store.closeReaders();
    expect(await pending[2]).toEqual({ done: true, value: undefined });
  });

  it('gives a slow reader what there is when the store closes', async () => {
    const iterator = follow();
    log('a', 'b', 'c');
    expect((await iterator.next()).value).toBe('a');
    store.closeReaders();
    expect(await collect(iterator)).toEqual(['b', 'c']);
  });

  it('takes one signal for many readers without a warning', async () => {
    const warnings: unknown[] = [];
    const onWarning = (warning: Error): number => warnings.push(warning);
    process.on('warning', onWarning);
    const abort = new AbortController();
    const collected = Array.from({ length: 50 }, () => collect(follow({ signal: abort.signal })));
    await new Promise(setImmediate);
    abort.abort();
    await Promise.all(collected);
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
  });

  it('never ends by a timeout of Infinity', async () => {
    jest.useFakeTimers();
    const iterator = follow({ timeout: Infinity, idleTimeout: Infinity });
    expect(jest.getTimerCount()).toBe(0);
    await iterator.return();
  });

  it('yields nothing for a signal that is aborted already', async () => {
    log('a');
    expect(await collect(follow({ signal: AbortSignal.abort() }))).toEqual([]);
  });

  it('rethrows what is thrown into it, and is over', async () => {
    log('a');
    const iterator = follow();
    await expect(iterator.throw(new Error('mine'))).rejects.toThrow('mine');
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('ends `timeout` ms after it began, entries or not', async () => {
    jest.useFakeTimers();
    const collected = collect(follow({ timeout: 1_000 }));
    log('a');
    await jest.advanceTimersByTimeAsync(999);
    log('b');
    await jest.advanceTimersByTimeAsync(1);
    log('c');
    expect(await collected).toEqual(['a', 'b']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ends `idleTimeout` ms after the last entry', async () => {
    jest.useFakeTimers();
    const collected = collect(follow({ idleTimeout: 1_000 }));
    for (const message of ['a', 'b', 'c']) {
      await jest.advanceTimersByTimeAsync(900);
      log(message);
    }
    await jest.advanceTimersByTimeAsync(1_000);
    log('late');
    expect(await collected).toEqual(['a', 'b', 'c']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not hold it against the session that its consumer was busy', async () => {
    jest.useFakeTimers();
    const iterator = follow({ idleTimeout: 1_000 });
    log('a', 'b');
    expect((await iterator.next()).value).toBe('a');
    await jest.advanceTimersByTimeAsync(5_000);
    expect((await iterator.next()).value).toBe('b');
    await jest.advanceTimersByTimeAsync(5_000);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('tells a gap before the entry that follows it', async () => {
    const told: (Gap | string)[] = [];
    const iterator = follow({ onGap: (gap) => told.push(gap) });
    log('a', 'b', 'c', 'd', 'e', 'f');
    end();
    for await (const message of iterator) told.push(message);
    expect(told).toEqual([expect.objectContaining({ reason: 'evicted', missed: 3 }), 'd', 'e', 'f']);
  });

  it('survives an onGap that throws, and reports it', async () => {
    const onGap = (): void => {
      throw new Error('mine');
    };
    log('a');
    end();
    expect(await collect(follow({ from: 'nonsense', onGap }))).toEqual(['a']);
    expect(failures).toEqual([expect.objectContaining({ message: 'mine' })]);
  });

  it.each([
    ['pending', true],
    ['not asked for yet', false],
  ])('throws SESSION_FAILED at an error end where wanted, the next() being %s', async (_, isPending) => {
    const iterator = follow({ throwOnError: true });
    const early = isPending ? iterator.next() : undefined;
    end('error', 'model is down');
    const failed = expect.objectContaining({
      code: 'SESSION_FAILED',
      message: expect.stringContaining('model is down'),
    });
    await expect(early ?? iterator.next()).rejects.toEqual(failed);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it('finishes quietly at an error end otherwise', async () => {
    log('a');
    end('error', 'model is down');
    expect(await collect(follow())).toEqual(['a']);
  });

  it('takes a promise of a reader, and closes that when it comes too late', async () => {
    log('a');
    const hooks = { select: (entry: LogEntry) => entry.message, failed: () => {} };
    const early = new SessionIterator(Promise.resolve(store.open('s')), {}, hooks);
    expect((await early.next()).value).toBe('a');
    await early.return();
    const late = new SessionIterator(Promise.resolve(store.open('s')), {}, hooks);
    await late.return();
    await Promise.resolve();
    const failed = new SessionIterator<string>(Promise.reject(new Error('no store')), {}, hooks);
    await expect(failed.next()).rejects.toThrow('no store');
    expect(await failed.next()).toEqual({ done: true, value: undefined });
  });

  it('calls `closed` once, however it ends', async () => {
    let closed = 0;
    const hooks = { select: (entry: LogEntry) => entry.message, failed: () => {}, closed: () => closed++ };
    end();
    const iterator = new SessionIterator(store.open('s'), {}, hooks);
    await iterator.next();
    await iterator.return();
    expect(closed).toBe(1);
  });
});

function openAndClose(): { position: string } {
  const reader = store.open('s', 'now');
  reader.close();
  return { position: reader.position };
}
