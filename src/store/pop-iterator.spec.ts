import fc from 'fast-check';
import { LogEntry } from '../entry/log-entry.js';
import { SessionEnd } from '../entry/session-end.js';
import { MemoryStore } from './memory-store.js';
import { popEntries, type PopOptions } from './pop-iterator.js';
import type { SessionStoreLimits } from './session-store.interface.js';

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
const STOP = '</think>';

let store: MemoryStore;
let closed: number;

beforeEach(() => {
  store = new MemoryStore(BOUNDS);
  closed = 0;
});

afterEach(() => expect(store.stats().readers).toBe(0));

function log(...messages: string[]): void {
  store.append(messages.map((message) => new LogEntry('p-1', 's', message)));
}

function end(): void {
  store.append([new SessionEnd('p-2', 's', '', 'completed', undefined)]);
}

function pop(options: PopOptions = {}): AsyncIterableIterator<string> {
  return popEntries(store, 's', STOP, options, { closed: () => closed++, failed: () => {} });
}

async function collect(iterator: AsyncIterable<string>): Promise<string[]> {
  const messages: string[] = [];
  for await (const message of iterator) messages.push(message);
  return messages;
}

describe('popEntries', () => {
  it('takes up to and including the stop token; the next one takes the rest, up to the end', async () => {
    log('<think>', 'hm', '</think>', 'answer');
    end();
    log('next turn', '</think>');
    expect(await collect(pop())).toEqual(['<think>', 'hm', '</think>']);
    expect(await collect(pop())).toEqual(['answer']);
    expect(await collect(pop())).toEqual(['next turn', '</think>']);
    expect(closed).toBe(3);
  });

  it('finds the token wherever it is split, inside a text too', async () => {
    const reply = 'so </thin </think> then';
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: reply.length }), { maxLength: 8 }), async (cuts) => {
        store = new MemoryStore(BOUNDS);
        const at = [0, ...cuts.toSorted((a, b) => a - b), reply.length];
        const chunks = at.slice(1).map((to, index) => reply.slice(at[index], to));
        log(...chunks);
        const last = chunks.findIndex((_, index) =>
          chunks
            .slice(0, index + 1)
            .join('')
            .includes(STOP),
        );
        expect(await collect(pop())).toEqual(chunks.slice(0, last + 1));
      }),
    );
  });

  it('goes on with a token that an earlier caller left half taken', async () => {
    log('a</th', 'ink>b', 'c');
    for await (const message of pop()) if (message === 'a</th') break;
    expect(await collect(pop())).toEqual(['ink>b']);
  });

  it('does not take a log line for the end of the reasoning', async () => {
    store.append([new LogEntry('p-1', 's', STOP, undefined, 'log'), new LogEntry('p-2', 's', STOP)]);
    expect(await collect(pop())).toEqual([STOP, STOP]);
  });

  it('gives each entry to one caller; callers take turns in order', async () => {
    const callers = [collect(pop()), collect(pop()), collect(pop())];
    log('a', '</think>', 'b', '</think>');
    log('c', '</think>');
    expect(await Promise.all(callers)).toEqual([
      ['a', '</think>'],
      ['b', '</think>'],
      ['c', '</think>'],
    ]);
  });

  it('leaves a reader that is open and one from the start everything; later ones start behind the mark', async () => {
    const open = store.open('s');
    log('a', '</think>', 'b');
    await collect(pop());
    const readers = [open, store.open('s', 'start'), store.open('s')];
    expect(readers.map((reader) => reader.read()!.length)).toEqual([3, 3, 1]);
    for (const reader of readers) reader.close();
    expect(store.entries()).toHaveLength(3);
  });

  it('gives up its place in the line when aborted or returned, and its turn when broken off', async () => {
    const abort = new AbortController();
    const holder = pop();
    log('a');
    expect((await holder.next()).value).toBe('a');
    const [aborted, returned, last] = [pop({ signal: abort.signal }), pop(), pop()];
    const pending = [aborted.next(), returned.next(), last.next()];
    abort.abort();
    await returned.return?.();
    expect(await Promise.all(pending.slice(0, 2))).toEqual([{ done: true }, { done: true }]);
    await holder.return?.();
    log('b');
    expect((await pending[2])!.value).toBe('b');
    await last.return?.();
    expect(closed).toBe(4);
  });

  it('tells of entries that were dropped before anybody popped them, and joins no token across', async () => {
    store = new MemoryStore({ ...BOUNDS, sessionEntries: 2 });
    log('a</th');
    for await (const _ of pop()) break;
    log('b', 'c', 'ink>', 'd</think>');
    const gaps: unknown[] = [];
    expect(await collect(pop({ onGap: (gap) => gaps.push(gap) }))).toEqual(['ink>', 'd</think>']);
    expect(gaps).toEqual([expect.objectContaining({ reason: 'evicted', missed: 2 })]);
  });

  it('ends those who wait for their turn when the store closes, also while the holder rests', async () => {
    const holder = pop();
    log('a', 'b');
    await holder.next();
    const waiting = collect(pop());
    await new Promise(setImmediate);
    store.closeReaders();
    expect(await waiting).toEqual([]);
    expect(await collect(holder)).toEqual(['b']);
  });

  it('ends all who wait when the store closes', async () => {
    const callers = [collect(pop()), collect(pop())];
    await new Promise(setImmediate);
    store.closeReaders();
    expect(await Promise.all(callers)).toEqual([[], []]);
  });
});
