import type { Gap } from '../../entry/gap.js';
import { LogEntry, type SessionRecord } from '../../entry/log-entry.js';
import type { SessionEnd } from '../../entry/session-end.js';
import type { EntryFilter } from '../entry-filter.js';
import { ResumableView } from './resumable-view.js';
import {
  endFrame,
  gapFrame,
  positionFrame,
  recordFrames,
  retryFrame,
  type FrameCache,
} from './sse-frames.js';

/** Entries as they were logged, one an event. */
export class EntryView extends ResumableView {
  readonly mayLag: boolean;

  /** @param resumeId position that the client gave, if it is one that a client can have */
  constructor(
    private readonly cache: FrameCache,
    retry: number,
    private readonly filter: EntryFilter | undefined,
    private readonly resumeId: string | undefined,
  ) {
    super(retry);
    this.mayLag = filter !== undefined;
  }

  /** A position told before a gap is the client's own: cut off between the two, it hears of the gap again. */
  greet(position: string, gap: Gap | undefined): string {
    const standing = gap === undefined ? position : (this.resumeId ?? gap.resumedAt);
    return retryFrame(this.retry) + positionFrame(standing);
  }

  gap(gap: Gap): string {
    return gapFrame(gap);
  }

  frames(records: readonly SessionRecord[]): string | Buffer {
    const { filter } = this;
    if (filter === undefined) return this.cache.of(records);
    const wanted = records.filter((record) => record instanceof LogEntry && filter(record));
    this.lags = wanted.length === 0 || wanted.at(-1) !== records.at(-1);
    return recordFrames(wanted);
  }

  end(end: SessionEnd): string {
    this.lags = false;
    return endFrame(end);
  }

  position(id: string): string {
    this.lags = false;
    return positionFrame(id);
  }
}
