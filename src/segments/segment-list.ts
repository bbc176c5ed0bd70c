import type { SegmentChange, SessionSegment } from './session-segment.js';

/** The segments of a session, as the changes told so far have made them. */
export class SegmentList {
  private readonly segments = new Map<string, SessionSegment>();

  apply(change: SegmentChange): void {
    if (change.type === 'finish') return;
    if (change.type === 'start') return void this.segments.set(change.segment.key, change.segment);
    const segment = this.segments.get(change.key);
    if (segment !== undefined) this.segments.set(change.key, changed(segment, change));
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
