import type { SessionRecord } from '../../entry/log-entry.js';
import { isSameState, type SegmentState } from '../../segments/segment-reducer.js';
import type { SegmentFeed } from '../../segments/segment-feed.js';
import type { SessionSegmentEvent } from '../../segments/session-segment.js';
import { dataFrame, namedFrame } from './sse-frames.js';

/** What is sent of a batch. */
export interface SegmentFrames {
  readonly bytes: Buffer;
  /** Where to go on behind it; undefined where nothing is sent. */
  readonly lastId: string | undefined;
}

/** A batch that was made frames of. */
interface Made {
  readonly records: readonly SessionRecord[];
  readonly endsSession: boolean;
  readonly before: SegmentState;
  readonly after: SegmentState;
  readonly frames: SegmentFrames;
}

/**
 * Makes the frames of a batch once for all clients that have been given the same before it. Only the last batch is
 * remembered: clients that follow a session live are served one after the other.
 */
export class SegmentFrameCache {
  private made: Made | undefined;

  /** @param endsSession whether the last record is an end that is told in another way */
  of(records: readonly SessionRecord[], endsSession: boolean, feed: SegmentFeed): SegmentFrames {
    if (!feed.isWhole) return framesOf(records, endsSession, feed);
    const { reducer } = feed;
    const { made } = this;
    if (
      made?.records === records &&
      made.endsSession === endsSession &&
      isSameState(made.before, reducer.state)
    ) {
      reducer.state = made.after;
      return made.frames;
    }
    const before = reducer.state;
    const frames = framesOf(records, endsSession, feed);
    this.made = { records, endsSession, before, after: reducer.state, frames };
    return frames;
  }
}

/** Makes the frames of a batch for one client. */
export function framesOf(
  records: readonly SessionRecord[],
  endsSession: boolean,
  feed: SegmentFeed,
): SegmentFrames {
  const events = feed.take(records);
  const sent = endsSession ? events.slice(0, -1) : events;
  return { bytes: Buffer.from(sent.map(eventFrame).join('')), lastId: events.at(-1)?.id };
}

/** The frame of one event. */
export function eventFrame({ id, ...event }: SessionSegmentEvent): string {
  return event.type === 'gap' ? namedFrame('gap', id, event.gap) : dataFrame(id, event);
}
