import type { Gap } from '../entry/gap.js';
import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import { formatPosition, parsePosition } from '../entry/position.js';
import { recordBytes, RecordList } from '../entry/record-list.js';
import { SessionEnd } from '../entry/session-end.js';
import type { ReadFrom, SessionStoreLimits, SessionSummary } from './session-store.interface.js';
import { TurnQueue } from './turn-queue.js';

/** Where a reader begins, and what it cannot be given. */
export interface Start {
  readonly offset: number;
  readonly gap: Gap | undefined;
}

/** A reader that a log wakes. */
export interface AttachedReader {
  /** Its place among the readers; kept by the log. */
  slot: number;
  wake(): void;
}

/** One session's retained records: append-only, numbered from 1, the oldest dropped to stay in bounds. */
export class SessionLog {
  /** Neighbours in the order of idleness; kept by {@link IdleSessions}. */
  older: SessionLog | undefined;
  newer: SessionLog | undefined;
  /** Since when nobody has read it or logged to it, in milliseconds of `performance.now()`. */
  restsSince = 0;
  /** Open readers and callers that wait for their turn to pop. */
  readers = 0;
  /** Offset of the record that `pop` took last. */
  popMark = 0;
  /** Text before the mark that may begin a token. */
  popCarry = '';
  /** Whether the batch that is being appended touches it. */
  touched = false;
  /** What readers are given once the log has been deleted. */
  deletion: SessionEnd | undefined;
  readonly turns = new TurnQueue();
  private readonly records = new RecordList();
  private firstOffset = 1;
  private readonly attached: AttachedReader[] = [];

  constructor(
    readonly sessionId: string,
    readonly epoch: string,
    private readonly idPrefix = formatPosition(epoch, ''),
  ) {}

  get length(): number {
    return this.records.length;
  }

  get bytes(): number {
    return this.records.bytes;
  }

  /** Offset of the newest record, 0 where there never was one. */
  get lastOffset(): number {
    return this.firstOffset + this.records.length - 1;
  }

  /** Whether the last thing in the log is an end. */
  get ended(): boolean {
    const last = this.records.at(this.records.length - 1);
    return last !== undefined && !(last instanceof LogEntry);
  }

  append(record: SessionRecord, bounds: Pick<SessionStoreLimits, 'sessionEntries' | 'sessionBytes'>): void {
    (record as { id: string }).id = this.idPrefix + (this.lastOffset + 1);
    this.records.push(record);
    while (
      this.records.length > bounds.sessionEntries ||
      (this.records.bytes > bounds.sessionBytes && this.records.length > 1)
    ) {
      this.records.shift();
      this.firstOffset++;
    }
  }

  /**
   * Records after `offset`, which is not before the oldest retained one: up to `max` of them and up to
   * `maxBytes` by estimate, but one at least.
   */
  read(offset: number, max: number, maxBytes: number): SessionRecord[] {
    const from = offset + 1 - this.firstOffset;
    const end = Math.min(from + max, this.records.length);
    let to = from;
    for (let bytes = 0; to < end; to++) {
      bytes += recordBytes(this.records.at(to)!);
      if (bytes > maxBytes && to > from) break;
    }
    return this.records.slice(from, to);
  }

  /** What a reader that stands at `offset` has lost to the bounds. */
  gapAt(offset: number): Gap | undefined {
    const missed = this.firstOffset - 1 - offset;
    return missed > 0 ? this.gap('evicted', missed) : undefined;
  }

  /** Where popping goes on; what was dropped behind the mark is a gap. */
  popStart(): Start {
    return { offset: this.popMark, gap: undefined };
  }

  /** Where reading begins for `from`. */
  startAt(from: ReadFrom | undefined): Start {
    const oldest = this.firstOffset - 1;
    if (from === undefined) return { offset: Math.max(this.popMark, oldest), gap: undefined };
    if (from === 'start') return { offset: oldest, gap: undefined };
    if (from === 'now') return { offset: this.lastOffset, gap: undefined };
    const gap = this.gapFrom(from);
    return { offset: gap === undefined ? parsePosition(from)!.offset : oldest, gap };
  }

  /** Of a log that has records. */
  summary(): SessionSummary {
    const last = this.records.at(this.records.length - 1)!;
    return {
      sessionId: this.sessionId,
      records: this.records.length,
      position: formatPosition(this.epoch, this.lastOffset),
      firstAt: this.records.at(0)!.timestamp,
      lastAt: last.timestamp,
      readers: this.attached.length,
      ended: last instanceof SessionEnd ? last.reason : undefined,
    };
  }

  /** Tells its readers that it is gone, with the last position that it has given. */
  delete(): void {
    const end = new SessionEnd('deleted', this.sessionId, new Date().toISOString(), 'deleted', undefined);
    (end as { id: string }).id = formatPosition(this.epoch, this.lastOffset);
    this.deletion = end;
    this.wake();
  }

  entries(): LogEntry[] {
    return this.records.slice(0, this.records.length).filter((record) => record instanceof LogEntry);
  }

  /** Has `reader` woken after each append. */
  attach(reader: AttachedReader): void {
    reader.slot = this.attached.length;
    this.attached.push(reader);
  }

  /** Undoes {@link attach}: the last one takes the slot that becomes free. */
  detach(reader: AttachedReader): void {
    const last = this.attached.pop()!;
    if (last === reader) return;
    this.attached[reader.slot] = last;
    last.slot = reader.slot;
  }

  /** Wakes all readers; backwards, because one that detaches itself moves a reader that was woken already. */
  wake(): void {
    for (let slot = this.attached.length - 1; slot >= 0; slot--) this.attached[slot]?.wake();
  }

  private gapFrom(text: string): Gap | undefined {
    const position = parsePosition(text);
    if (position === undefined) return this.gap('malformed', null);
    if (position.epoch !== this.epoch) return this.gap('epoch', null);
    if (position.offset > this.lastOffset) return this.gap('future', null);
    return this.gapAt(position.offset);
  }

  private gap(reason: Gap['reason'], missed: number | null): Gap {
    return { reason, resumedAt: formatPosition(this.epoch, this.firstOffset - 1), missed };
  }
}
