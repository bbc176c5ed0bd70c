import type { Gap } from '../../entry/gap.js';
import type { SessionRecord } from '../../entry/log-entry.js';
import type { SessionEnd } from '../../entry/session-end.js';
import { SegmentFeed } from '../../segments/segment-feed.js';
import type { SegmentReducer } from '../../segments/segment-reducer.js';
import type { SessionView } from './session-view.interface.js';

/** What is made of segments for clients that know of no ids: they have to notice that they were cut off. */
export abstract class OneShotView implements SessionView {
  abstract readonly headers: Readonly<Record<string, string>>;
  abstract readonly comment: string;
  readonly breaks = true;
  abstract readonly endsAtGap: boolean;
  readonly mayLag = false;
  readonly lags = false;
  isDone = false;
  protected readonly feed: SegmentFeed;

  /** @param reducer knows what came before, if anything did */
  constructor(reducer: SegmentReducer) {
    this.feed = new SegmentFeed(reducer);
  }

  abstract gap(gap: Gap): string;
  abstract frames(records: readonly SessionRecord[]): string;
  abstract end(end: SessionEnd): string | undefined;

  greet(): string {
    return '';
  }

  more(): string {
    return '';
  }

  position(): string {
    return '';
  }

  comeBack(): string {
    return '';
  }
}
