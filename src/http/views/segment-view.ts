import type { Gap } from '../../entry/gap.js';
import type { SessionRecord } from '../../entry/log-entry.js';
import type { SessionEnd } from '../../entry/session-end.js';
import type { OpenedSegments } from '../../segments/open-segments.js';
import { SegmentFeed } from '../../segments/segment-feed.js';
import type { SessionSegmentEvent } from '../../segments/session-segment.js';
import type { SessionView } from './session-view.interface.js';
import {
  COMMENT_FRAME,
  dataFrame,
  endFrame,
  EVENT_STREAM,
  gapFrame,
  positionFrame,
  retryFrame,
} from './sse-frames.js';

/** Changes of segments, one an event; a client that has lost some comes back for a snapshot. */
export class SegmentView implements SessionView {
  readonly headers = EVENT_STREAM;
  readonly comment = COMMENT_FRAME;
  readonly breaks = false;
  readonly endsAtGap = true;
  readonly mayLag = true;
  readonly isDone = false;
  lags = false;
  private readonly first: readonly SessionSegmentEvent[];
  private readonly feed: SegmentFeed;

  constructor(
    { first, push, skipped }: OpenedSegments,
    private readonly retry: number,
  ) {
    this.first = first;
    this.feed = new SegmentFeed(push, skipped);
  }

  greet(): string {
    return retryFrame(this.retry) + this.first.map(eventFrame).join('');
  }

  gap(gap: Gap): string {
    this.lags = false;
    return gapFrame(gap);
  }

  frames(records: readonly SessionRecord[], endsSession: boolean): string {
    const events = this.feed.take(endsSession ? records.slice(0, -1) : records);
    this.lags = events.at(-1)?.id !== records.at(-1)?.id;
    return events.map(eventFrame).join('');
  }

  end(end: SessionEnd): string {
    this.lags = false;
    const closing = this.feed.take([end]).filter(({ type }) => type !== 'finish');
    return closing.map(eventFrame).join('') + endFrame(end);
  }

  position(id: string): string {
    this.lags = false;
    return positionFrame(id);
  }

  comeBack(ms: number): string {
    return retryFrame(ms);
  }
}

function eventFrame({ id, ...event }: SessionSegmentEvent): string {
  return event.type === 'gap' ? gapFrame(event.gap) : dataFrame(id, event);
}
