import type { SegmentChange, SegmentUpdate, SessionSegment } from '../segments/session-segment.js';

/** The segments of a session, as what was told of them has made them. Each change makes a new object of its segment. */
export class SegmentList {
  private segments = new Map<string, SessionSegment>();

  /** Takes the next thing that was told. A change of a segment that is not there is passed over. */
  apply(update: SegmentUpdate): void {
    if (update.type === 'finish') return;
    if (update.type === 'snapshot') {
      this.segments = new Map(update.segments.map((segment) => [segment.key, segment]));
    } else if (update.type === 'start') {
      this.segments.set(update.segment.key, update.segment);
    } else {
      const segment = this.segments.get(update.key);
      if (segment !== undefined) this.segments.set(update.key, changed(segment, update));
    }
  }

  /** In order. */
  all(): SessionSegment[] {
    return [...this.segments.values()];
  }
}

function changed(
  segment: SessionSegment,
  change: Extract<SegmentChange, { type: 'delta' | 'end' | 'result' }>,
): SessionSegment {
  if (change.type === 'delta') return { ...segment, text: segment.text + change.text };
  if (change.type === 'end') {
    const { input } = change;
    return { ...segment, complete: true, ...(input !== undefined && { input }) };
  }
  const { output, error } = change;
  return { ...segment, ...(output !== undefined && { output }), ...(error !== undefined && { error }) };
}
