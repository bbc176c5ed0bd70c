import type { SessionRecord } from '../../entry/log-entry.js';
import type { SessionEnd } from '../../entry/session-end.js';
import type { OpenedSegments } from '../../segments/open-segments.js';
import { SegmentFeed } from '../../segments/segment-feed.js';
import { ResumableView } from './resumable-view.js';
import { framesOf, type SegmentFrameCache } from './segment-frames.js';
import { openingFrames } from './opening-frames.js';
import { endFrame, positionFrame, retryFrame } from './sse-frames.js';

/** Changes of segments, one an event; a client that has lost some comes back for a snapshot. */
export class SegmentView extends ResumableView {
  override readonly endsAtGap = true;
  readonly mayLag = true;
  private readonly first: Iterator<string, undefined>;
  private readonly feed: SegmentFeed;

  /** @param cache shared with the other clients that are shown everything */
  constructor(
    { first, reducer, skipped }: OpenedSegments,
    retry: number,
    private readonly cache: SegmentFrameCache | undefined,
  ) {
    super(retry);
    this.first = openingFrames(first);
    this.feed = new SegmentFeed(reducer, skipped);
  }

  greet(): string {
    return retryFrame(this.retry);
  }

  override more(): string {
    return this.first.next().value ?? '';
  }

  /** It is told, before the snapshot, when the client comes back from where it was. */
  gap(): string {
    this.lags = false;
    return '';
  }

  frames(records: readonly SessionRecord[], endsSession: boolean): Buffer {
    const { cache, feed } = this;
    const { bytes, lastId } =
      cache === undefined ? framesOf(records, endsSession, feed) : cache.of(records, endsSession, feed);
    this.lags = lastId !== records.at(-1)?.id;
    return bytes;
  }

  end(end: SessionEnd): string {
    return endFrame(end);
  }

  position(id: string): string {
    this.lags = false;
    return positionFrame(id);
  }
}
