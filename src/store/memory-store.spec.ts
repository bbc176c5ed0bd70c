import { jest } from '@jest/globals';
import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import { SessionEnd } from '../entry/session-end.js';
import { MemoryStore } from './memory-store.js';
import type { SessionReader, SessionStoreLimits, SessionStoreListener } from './session-store.interface.js';

const SILENT: SessionStoreListener = {
  opened: () => {},
  evicted: () => {},
  cancelled: () => {},
  troubled: () => {},
};
const BOUNDS: SessionStoreLimits = {
  sessionEntries: 100,
  sessionBytes: 1e6,
  sessions: 100,
  totalBytes: 1e7,
  sessionIdle: false,
  sessionEnded: false,
  readers: 1_000,
  readersPerSession: 100,
};
const entry = (sessionId: string, message: string): LogEntry => new LogEntry('p-1', sessionId, message);
const end = (sessionId: string): SessionEnd => new SessionEnd('p-2', sessionId, '', 'completed', undefined);

function texts(reader: SessionReader): string[] {
  const records: readonly SessionRecord[] = reader.read() ?? [];
  return records.map((record) => (record instanceof LogEntry ? record.message : 'END'));
}

function log(store: MemoryStore, sessionId: string, ...messages: string[]): void {
  store.append(messages.map((message) => entry(sessionId, message)));
}

describe('MemoryStore', () => {
  it('numbers a session from 1 and gives every reader every record', () => {
    const store = new MemoryStore(BOUNDS);
    log(store, 's', 'a', 'b');
    const [first, second] = [store.open('s'), store.open('s')];
    expect(texts(first)).toEqual(['a', 'b']);
    expect(texts(second)).toEqual(['a', 'b']);
    expect(first.position).toMatch(/^[a-z0-9]+-2$/);
    expect(store.entries().map((one) => one.id)).toEqual([
      first.position.replace('-2', '-1'),
      first.position,
    ]);
  });

  it('gives readers at the same position the same array', () => {
    const store = new MemoryStore(BOUNDS);
    const readers = [store.open('s'), store.open('s')];
    const batches: unknown[] = [];
    for (const reader of readers) reader.wait(() => batches.push(reader.read()));
    log(store, 's', 'a');
    expect(batches).toHaveLength(2);
    expect(batches[0]).toBe(batches[1]);
  });

  it('wakes each waiting reader once, though some close in being woken', () => {
    const store = new MemoryStore(BOUNDS);
    const readers = Array.from({ length: 9 }, () => store.open('s'));
    const woken: number[] = [];
    readers.forEach((reader, index) =>
      reader.wait(() => {
        woken.push(index);
        if (index % 2 === 0) reader.close();
        if (index === 5) readers[1]!.close();
      }),
    );
    log(store, 's', 'a');
    expect(woken.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(store.stats().readers).toBe(3);
  });

  it('wakes only readers of the sessions that got something', () => {
    const store = new MemoryStore(BOUNDS);
    const woken: string[] = [];
    for (const id of ['a', 'b']) store.open(id).wait(() => woken.push(id));
    log(store, 'b', 'x');
    expect(woken).toEqual(['b']);
  });

  it('starts a reader at start, now or after a position', () => {
    const store = new MemoryStore(BOUNDS);
    log(store, 's', 'a', 'b', 'c');
    const middle = store.entries()[1]!.id!;
    const readers = ['start', 'now', middle].map((from) => store.open('s', from));
    log(store, 's', 'd');
    expect(readers.map(texts)).toEqual([['a', 'b', 'c', 'd'], ['d'], ['c', 'd']]);
  });

  it.each([
    ['malformed', () => 'not a position', null],
    ['malformed', (epoch: string) => `${epoch}-99999999999999999999`, null],
    ['epoch', () => 'elsewhere-1', null],
    ['future', (epoch: string) => `${epoch}-9`, null],
    ['evicted', (epoch: string) => `${epoch}-1`, 1],
  ])('tells a gap for a position that is %s', (reason, from, missed) => {
    const store = new MemoryStore({ ...BOUNDS, sessionEntries: 2 });
    log(store, 's', 'a', 'b', 'c', 'd');
    const epoch = store.entries()[0]!.id!.split('-')[0]!;
    const reader = store.open('s', from(epoch));
    expect(reader.read()).toHaveLength(2);
    expect(reader.gap).toEqual({ reason, missed, resumedAt: `${epoch}-2` });
  });

  it('has no gap for a reader at the edge of what was dropped', () => {
    const store = new MemoryStore({ ...BOUNDS, sessionEntries: 2 });
    log(store, 's', 'a');
    const id = store.entries()[0]!.id;
    log(store, 's', 'b', 'c');
    const reader = store.open('s', id);
    expect(reader.read()).toHaveLength(2);
    expect(reader.gap).toBeUndefined();
  });

  it('tells a live reader that fell out of the window what it missed', () => {
    const store = new MemoryStore({ ...BOUNDS, sessionEntries: 2 });
    const reader = store.open('s');
    log(store, 's', 'a', 'b', 'c', 'd', 'e');
    expect(reader.read()).toHaveLength(2);
    expect(reader.gap).toMatchObject({ reason: 'evicted', missed: 3 });
    log(store, 's', 'f');
    expect(reader.read()).toHaveLength(1);
    expect(reader.gap).toBeUndefined();
  });

  it('drops the oldest by bytes, but never the newest', () => {
    const store = new MemoryStore({ ...BOUNDS, sessionBytes: 1_000 });
    log(store, 's', 'x'.repeat(300), 'y'.repeat(300));
    expect(store.entries().map((one) => one.message[0])).toEqual(['y']);
    log(store, 's', 'z'.repeat(5_000));
    expect(store.entries().map((one) => one.message[0])).toEqual(['z']);
    expect(store.stats()).toMatchObject({ entries: 1, bytes: 10_256 });
  });

  it('removes the longest idle session without readers first, and tells', () => {
    const store = new MemoryStore({ ...BOUNDS, sessions: 3 });
    const evicted: [string, number, string][] = [];
    store.start({ ...SILENT, evicted: (...what) => evicted.push(what) });
    for (const id of ['a', 'b', 'c']) log(store, id, 'x', 'y');
    const reader = store.open('b');
    log(store, 'a', 'z');
    log(store, 'd', 'x');
    expect(evicted).toEqual([['c', 2, 'bounds']]);
    log(store, 'e', 'x');
    expect(evicted.map(([id]) => id)).toEqual(['c', 'a']);
    reader.close();
    log(store, 'f', 'x');
    log(store, 'g', 'x');
    expect(evicted.map(([id]) => id)).toEqual(['c', 'a', 'd', 'e']);
    expect(store.sessions().toSorted()).toEqual(['b', 'f', 'g']);
    expect(store.stats()).toMatchObject({ sessions: 3, entries: 4 });
  });

  it('removes sessions to stay within all bytes', () => {
    const store = new MemoryStore({ ...BOUNDS, totalBytes: 2_000 });
    for (let index = 0; index < 20; index++) log(store, `s${index}`, 'x'.repeat(100));
    expect(store.stats().bytes).toBeLessThanOrEqual(2_000);
    expect(store.sessions()).toEqual(['s16', 's17', 's18', 's19']);
  });

  it('has nothing missing for who waited for a session that is yet to begin, whatever else was removed', () => {
    const store = new MemoryStore(BOUNDS);
    const first = store.open('s');
    const { position } = first;
    first.close();
    log(store, 'other', 'x');
    store.remove('other');
    log(store, 's', 'a');
    const reader = store.open('s', position);
    expect([texts(reader), reader.gap]).toEqual([['a'], undefined]);
  });

  it('gives a session that is created anew another epoch, so that an old position is a gap', () => {
    const store = new MemoryStore({ ...BOUNDS, sessions: 1 });
    log(store, 's', 'a');
    const id = store.entries()[0]!.id;
    log(store, 'other', 'x');
    log(store, 's', 'b');
    const reader = store.open('s', id);
    expect(texts(reader)).toEqual(['b']);
    expect(reader.gap).toMatchObject({ reason: 'epoch', missed: null });
  });

  it('drops a session log that only readers made with its last reader; its position stays good', () => {
    const store = new MemoryStore(BOUNDS);
    const [first, second] = [store.open('s'), store.open('s')];
    expect(store.sessions()).toEqual(['s']);
    const { position } = first;
    first.close();
    expect(store.sessions()).toEqual(['s']);
    second.close();
    expect(store.sessions()).toEqual([]);
    log(store, 's', 'a');
    const back = store.open('s', position);
    expect(texts(back)).toEqual(['a']);
    expect(back.gap).toBeUndefined();
  });

  it('keeps nothing of readers that come and go', () => {
    const store = new MemoryStore(BOUNDS);
    log(store, 's', 'a');
    for (let index = 0; index < 100; index++) {
      const reader = store.open('s');
      reader.wait(() => {});
      reader.close();
      reader.close();
    }
    expect(store.stats().readers).toBe(0);
  });

  it('is ended while the end is the last thing, and reopened in the same epoch by the next entry', () => {
    const store = new MemoryStore(BOUNDS);
    const opened: [string, boolean][] = [];
    store.start({ ...SILENT, opened: (...what) => opened.push(what) });
    store.append([entry('s', 'a'), end('s')]);
    const reader = store.open('s');
    expect(reader.ended).toBe(false);
    expect(texts(reader)).toEqual(['a', 'END']);
    expect(reader.ended).toBe(true);
    log(store, 's', 'b');
    expect(reader.ended).toBe(false);
    expect(texts(reader)).toEqual(['b']);
    expect(reader.position).toMatch(/-3$/);
    expect(opened).toEqual([
      ['s', false],
      ['s', true],
    ]);
  });

  it('does not tell one who asks for what comes of an end that was before', () => {
    const store = new MemoryStore(BOUNDS);
    store.append([end('s')]);
    expect(store.open('s', 'now').ended).toBe(false);
    expect(store.open('s', store.open('s', 'now').position).ended).toBe(true);
  });

  it('closes all readers, and those opened later, when it closes', () => {
    const store = new MemoryStore(BOUNDS);
    const reader = store.open('s');
    let woken = 0;
    reader.wait(() => woken++);
    store.closeReaders();
    expect([reader.closed, woken, store.open('s').closed]).toEqual([true, 1, true]);
  });

  describe('by age', () => {
    let store: MemoryStore;
    let evicted: unknown[];

    beforeEach(() => {
      jest.useFakeTimers();
      store = new MemoryStore({ ...BOUNDS, sessionIdle: 10_000, sessionEnded: 1_000 });
      evicted = [];
      store.start({ ...SILENT, evicted: (id, _, reason) => evicted.push([id, reason]) });
    });

    afterEach(() => {
      store.close();
      expect(jest.getTimerCount()).toBe(0);
      jest.useRealTimers();
    });

    it('removes a session that was idle for too long, without waiting for another entry', () => {
      log(store, 'a', 'x');
      jest.advanceTimersByTime(6_000);
      log(store, 'b', 'x');
      jest.advanceTimersByTime(3_999);
      expect(evicted).toEqual([]);
      jest.advanceTimersByTime(1);
      expect(evicted).toEqual([['a', 'idle']]);
      log(store, 'b', 'x');
      jest.advanceTimersByTime(9_999);
      expect(evicted).toHaveLength(1);
      jest.advanceTimersByTime(1);
      expect(evicted).toEqual([
        ['a', 'idle'],
        ['b', 'idle'],
      ]);
      expect(store.stats()).toMatchObject({ sessions: 0, entries: 0, bytes: 0 });
    });

    it('removes an ended session earlier, unless it is reopened', () => {
      store.append([end('a'), end('b'), entry('c', 'x')]);
      jest.advanceTimersByTime(500);
      log(store, 'b', 'again');
      jest.advanceTimersByTime(500);
      expect(evicted).toEqual([['a', 'ended']]);
      jest.advanceTimersByTime(8_999);
      expect(evicted).toHaveLength(1);
    });

    it('removes a session that ends while others are idle as soon as one that ends first', () => {
      log(store, 'idle', 'x');
      log(store, 'a', 'x');
      jest.advanceTimersByTime(4_000);
      store.append([end('a')]);
      jest.advanceTimersByTime(500);
      store.append([end('b')]);
      jest.advanceTimersByTime(499);
      expect(evicted).toEqual([]);
      jest.advanceTimersByTime(1);
      expect(evicted).toEqual([['a', 'ended']]);
      jest.advanceTimersByTime(500);
      expect(evicted).toEqual([
        ['a', 'ended'],
        ['b', 'ended'],
      ]);
    });

    it('keeps what is read; the age counts anew when the last reader goes', () => {
      store.append([end('a')]);
      const reader = store.open('a');
      jest.advanceTimersByTime(20_000);
      expect(evicted).toEqual([]);
      reader.close();
      jest.advanceTimersByTime(999);
      expect(evicted).toEqual([]);
      jest.advanceTimersByTime(1);
      expect(evicted).toEqual([['a', 'ended']]);
    });
  });

  it('lets no more readers in than the bounds allow, and again when one has gone', () => {
    const store = new MemoryStore({ ...BOUNDS, readers: 3, readersPerSession: 2 });
    const readers = [store.open('a'), store.open('a')];
    const refused = (limit: string): Error =>
      expect.objectContaining({
        code: 'TOO_MANY_READERS',
        details: expect.objectContaining({ limit }),
      }) as Error;
    expect(() => store.open('a')).toThrow(refused('readersPerSession'));
    readers.push(store.open('b'));
    expect(() => store.open('c')).toThrow(refused('readers'));
    expect(store.sessions()).toEqual(['a', 'b']);
    readers[0]!.close();
    expect(() => store.open('c')).not.toThrow();
  });

  it('gives large records in batches of a bounded size, one at least', () => {
    const store = new MemoryStore({ ...BOUNDS, sessionBytes: 1e9 });
    log(store, 's', ...Array.from({ length: 10 }, () => 'x'.repeat(50_000)), 'y'.repeat(1_000_000));
    const reader = store.open('s');
    const sizes: number[] = [];
    for (let batch = reader.read(); batch !== undefined; batch = reader.read()) sizes.push(batch.length);
    expect(sizes).toEqual([2, 2, 2, 2, 2, 1]);
  });
});
