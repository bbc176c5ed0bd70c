import { createParser, type EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import type { SessionSegment } from '../../segments/session-segment.js';
import { openingFrames } from './opening-frames.js';

function segment(at: number, length: number): SessionSegment {
  const timestamp = '2026-01-01T00:00:00.000Z';
  return { key: `e-${at}.0`, kind: 'text', timestamp, text: 'x'.repeat(length), complete: true };
}

interface Told {
  type: string;
  segments?: SessionSegment[];
  segment?: SessionSegment;
}

describe('openingFrames', () => {
  it('are all segments in pieces of limited length, with an id at the end alone', () => {
    const lengths = fc.array(fc.constantFrom(0, 10, 100_000, 300_000), { maxLength: 12 });
    fc.assert(
      fc.property(lengths, (all) => {
        const segments = all.map((length, at) => segment(at, length));
        const pieces = [...openingFrames([{ id: 'e-9', type: 'snapshot', segments }])];
        const events: EventSourceMessage[] = [];
        createParser({ onEvent: (event) => events.push(event) }).feed(pieces.join(''));
        const [first, ...others] = events.map(({ data }) => JSON.parse(data) as Told);
        expect([first!.type, ...others.map(({ type }) => type)]).toEqual([
          'snapshot',
          ...others.map(() => 'start'),
        ]);
        expect([...first!.segments!, ...others.map((other) => other.segment)]).toEqual(segments);
        expect(events.map(({ id }) => id)).toEqual([...events.slice(1).map(() => undefined), 'e-9']);
        for (const piece of pieces) expect(piece.length).toBeLessThan(2 ** 18 + 301_000);
      }),
      { numRuns: 50 },
    );
  });

  it('are one event where that is short, behind a gap if there is one', () => {
    const gap = { reason: 'epoch', resumedAt: 'f-0', missed: null } as const;
    const snapshot = { id: 'f-1', type: 'snapshot', segments: [segment(1, 1)], missed: 3 } as const;
    expect([...openingFrames([{ id: 'e-1', type: 'gap', gap }, snapshot])]).toEqual([
      `event: gap\nid: e-1\ndata: ${JSON.stringify(gap)}\n\n`,
      `id: f-1\ndata: ${JSON.stringify({ type: 'snapshot', missed: 3, segments: snapshot.segments })}\n\n`,
    ]);
  });
});
