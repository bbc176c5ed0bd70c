import fc from 'fast-check';
import { SegmentList } from '../../client/segment-list.js';
import { EventParser } from '../../client/event-parser.js';
import type { SegmentUpdate, SessionSegment } from '../../segments/session-segment.js';
import { openingFrames } from './opening-frames.js';

function segment(at: number, length: number): SessionSegment {
  const timestamp = '2026-01-01T00:00:00.000Z';
  return { key: `e-${at}.0`, kind: 'text', timestamp, text: 'x'.repeat(length), complete: true };
}

describe('openingFrames', () => {
  it('are all segments in pieces of limited length, with an id at the end alone', () => {
    const lengths = fc.array(fc.constantFrom(0, 10, 100_000, 300_000), { maxLength: 12 });
    fc.assert(
      fc.property(lengths, (all) => {
        const segments = all.map((length, at) => segment(at, length));
        const pieces = [...openingFrames([{ id: 'e-9', type: 'snapshot', segments }])];
        const events = [...new EventParser().feed(pieces.join(''))];
        const list = new SegmentList();
        list.apply({ type: 'start', segment: segment(99, 1) });
        for (const { data } of events) list.apply(JSON.parse(data) as SegmentUpdate);
        expect(list.all()).toEqual(segments);
        expect(events.map(({ id }) => id)).toEqual([...events.slice(1).map(() => undefined), 'e-9']);
        for (const piece of pieces) expect(piece.length).toBeLessThan(2 ** 18 + 301_000);
      }),
      { numRuns: 50 },
    );
  });

  it('are one event where that is short, behind a gap if there is one', () => {
    const gap = { reason: 'epoch', resumedAt: 'f-0', missed: null } as const;
    const snapshot = { id: 'f-1', type: 'snapshot', segments: [segment(1, 1)] } as const;
    expect([...openingFrames([{ id: 'e-1', type: 'gap', gap }, snapshot])]).toEqual([
      `event: gap\nid: e-1\ndata: ${JSON.stringify(gap)}\n\n`,
      `id: f-1\ndata: ${JSON.stringify({ type: 'snapshot', segments: snapshot.segments })}\n\n`,
    ]);
  });
});
