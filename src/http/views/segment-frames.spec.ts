import fc from 'fast-check';
import { LogEntry } from '../../entry/log-entry.js';
import { DEFAULT_TOKENS } from '../../entry/special-tokens.js';
import { SegmentFeed } from '../../segments/segment-feed.js';
import { SegmentReducer } from '../../segments/segment-reducer.js';
import { framesOf, SegmentFrameCache } from './segment-frames.js';

const MESSAGES = ['a', '<think>', '</think>', '<thi', 'nk>', '<tool>', '</tool>', '<', ''];

/** What makes two readers differ: who speaks, and which tools were called. */
const said = fc.record({
  message: fc.constantFrom(...MESSAGES),
  context: fc.constantFrom(undefined, undefined, 'user'),
  toolCallId: fc.constantFrom(undefined, undefined, undefined, 'c', 'd'),
});

function entriesOf(all: readonly (typeof said extends fc.Arbitrary<infer T> ? T : never)[]): LogEntry[] {
  return all.map(({ message, context, toolCallId }, at) => {
    const data = toolCallId === undefined ? undefined : { toolCallId };
    const time = '2026-01-01T00:00:00.000Z';
    const entry = new LogEntry(`p-${at}`, 's', message, time, undefined, undefined, context, data);
    return Object.assign(entry, { id: `e-${at + 1}` });
  });
}

const spoken = (message: string, context?: 'user') => ({ message, context, toolCallId: undefined });
const at = (begins: number) => ({ begins, skipped: 0 });
/** To who begins at the fifth, what follows is text; to who has heard all, reasoning of the same key. */
const FROM_TWO_PLACES = [
  ...Array(3).fill(spoken('a')),
  spoken('<think>'),
  spoken('<think>', 'user'),
  spoken('a', 'user'),
];

const newFeed = (skipped = 0): SegmentFeed => new SegmentFeed(new SegmentReducer(DEFAULT_TOKENS), skipped);

describe('SegmentFrameCache', () => {
  it('gives each client what it would be given alone, wherever it has begun', () => {
    fc.assert(
      fc.property(
        fc.array(said, { minLength: 1, maxLength: 20 }),
        fc.array(fc.record({ begins: fc.nat(20), skipped: fc.nat(2) }), { minLength: 2, maxLength: 4 }),
        fc.integer({ min: 1, max: 5 }),
        (all, clients, size) => {
          const entries = entriesOf(all);
          const cache = new SegmentFrameCache();
          const feeds = clients.map(({ skipped }) => [newFeed(skipped), newFeed(skipped)] as const);
          for (let from = 0; from < entries.length; from += size) {
            const batch = entries.slice(from, from + size);
            for (const [at, [shared, alone]] of feeds.entries()) {
              if (from < clients[at]!.begins) continue;
              const { bytes, lastId } = cache.of(batch, false, shared);
              const expected = framesOf(batch, false, alone);
              expect([bytes.toString(), lastId]).toEqual([expected.bytes.toString(), expected.lastId]);
              expect(shared.reducer.state).toEqual(alone.reducer.state);
            }
          }
        },
      ),
      { numRuns: 500, examples: [[FROM_TWO_PLACES, [at(4), at(0)], 1]] },
    );
  });

  it('makes them once for all that were given the same', () => {
    const cache = new SegmentFrameCache();
    const [first, second] = [newFeed(), newFeed()];
    for (const batch of [entriesOf([{ message: 'a', context: undefined, toolCallId: undefined }]), []]) {
      expect(cache.of(batch, false, first).bytes).toBe(cache.of(batch, false, second).bytes);
    }
  });
});
