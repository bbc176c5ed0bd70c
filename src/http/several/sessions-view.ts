import type { Gap } from '../../entry/gap.js';
import { LogEntry, type SessionRecord } from '../../entry/log-entry.js';
import { SessionEnd } from '../../entry/session-end.js';
import type { EntryFilter } from '../entry-filter.js';
import { ResumableView } from '../views/resumable-view.js';
import { entryFrame, namedFrame, positionFrame, retryFrame } from '../views/sse-frames.js';
import { DELETED, type CompositeId } from './composite-id.js';
import type { MergedReader } from './merged-reader.js';

/** Entries of several sessions, one an event, each with the place in all of them as its id. */
export class SessionsView extends ResumableView {
  readonly mayLag: boolean;

  /**
   * @param id where the client stands
   * @param filters by the sessions; of a session without one everything is shown
   */
  constructor(
    private readonly reader: MergedReader,
    private readonly id: CompositeId,
    private readonly filters: ReadonlyMap<string, EntryFilter>,
    retry: number,
  ) {
    super(retry);
    this.mayLag = filters.size > 0;
  }

  greet(): string {
    return retryFrame(this.retry) + this.position();
  }

  gap(gap: Gap): string {
    const { sessionId } = this.reader;
    this.id.set(sessionId, gap.resumedAt);
    return namedFrame('gap', this.id.text, { sessionId, ...gap });
  }

  frames(records: readonly SessionRecord[], isOver: boolean): string {
    const filter = this.filters.get(this.reader.sessionId);
    let frames = '';
    for (const record of records) {
      this.id.set(record.sessionId, isDeletion(record) ? DELETED : record.id!);
      this.lags = !(record instanceof LogEntry) || filter?.(record) === false;
      if (!this.lags) frames += entryFrame(record as LogEntry, this.id.text);
    }
    const last = records.at(-1);
    if (isOver || last instanceof LogEntry || last === undefined || !this.reader.hasSessionEnded)
      return frames;
    return frames + this.endOf(last);
  }

  /** Of the session that ended last, and of the stream. */
  end(end: SessionEnd): string {
    return this.endOf(end) + namedFrame('end', this.id.text, { reason: 'completed' });
  }

  position(): string {
    this.lags = false;
    return positionFrame(this.id.text);
  }

  private endOf({ sessionId, reason, error }: SessionEnd): string {
    this.lags = false;
    return namedFrame('session-end', this.id.text, { sessionId, reason, error });
  }
}

/** What is logged to its session later is a log of its own, without a gap before it. */
function isDeletion(record: SessionRecord): boolean {
  return record instanceof SessionEnd && record.reason === 'deleted';
}
