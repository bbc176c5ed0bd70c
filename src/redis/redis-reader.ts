import type { Gap, GapReason } from '../entry/gap.js';
import type { SessionRecord } from '../entry/log-entry.js';
import { formatPosition, parsePosition } from '../entry/position.js';
import { SessionEnd } from '../entry/session-end.js';
import type { ReadFrom, SessionReader } from '../store/session-store.interface.js';
import {
  NO_EPOCH,
  type RecordRun,
  type SessionState,
  type SessionWatch,
  type WatchingReader,
} from './session-watch.js';

/** What a reader needs of its store. */
export interface RedisReaderHost {
  /** Nothing will be appended any more. */
  readonly closed: boolean;
  /** Reads records behind an offset from Redis; undefined where that will never be possible again. */
  fetch(watch: SessionWatch, after: number): Promise<RecordRun | undefined>;
  forget(reader: RedisReader): void;
}

/** Where a reader begins, and what it cannot be given. */
export interface RedisStart {
  readonly offset: number;
  readonly gap: Gap | undefined;
  /** Offset of an end that the reader is not told of, because it asked for what comes after it. */
  readonly silentEnd: number;
}

/** What is known of a log's beginning and end. */
export type LogBounds = Pick<SessionState, 'epoch' | 'first' | 'last'>;

/** A cursor over a session log in Redis: reads what its process holds, and the rest page by page. */
export class RedisReader implements SessionReader, WatchingReader {
  gap: Gap | undefined;
  offset: number;
  private epoch: string;
  private startGap: Gap | undefined;
  private page: RecordRun | undefined;
  private isFetching = false;
  private released = false;
  private silentEnd: number;
  /** What it is given in place of all else once its log was deleted. */
  private deletion: SessionEnd | undefined;
  private hasReadDeletion = false;
  private listener: (() => void) | undefined;

  constructor(
    readonly watch: SessionWatch,
    private readonly host: RedisReaderHost,
    start: RedisStart,
  ) {
    this.epoch = watch.epoch;
    ({ offset: this.offset, gap: this.startGap, silentEnd: this.silentEnd } = start);
    watch.readers.add(this);
  }

  get position(): string {
    return formatPosition(this.epoch, this.offset);
  }

  get ended(): boolean {
    if (this.deletion !== undefined) return this.hasReadDeletion;
    const { watch, offset } = this;
    const isAtEnd = this.epoch === watch.epoch && offset === watch.last && offset !== this.silentEnd;
    return isAtEnd && watch.ended !== '';
  }

  get closed(): boolean {
    return this.released || (this.host.closed && !this.isFetching);
  }

  read(): readonly SessionRecord[] | undefined {
    if (this.released) return undefined;
    if (this.deletion !== undefined) return this.readDeletion(this.deletion);
    if (this.watch.failure !== undefined) throw this.watch.failure;
    this.gap = this.startGap ?? this.followEpoch();
    this.startGap = undefined;
    if (this.offset >= this.watch.last) return this.gap && [];
    const records = this.watch.recordsAfter(this.offset) ?? this.takePage();
    if (records === undefined) {
      this.fetch();
      return this.gap && [];
    }
    this.offset += records.length;
    return records;
  }

  wait(listener: () => void): void {
    this.listener = listener;
  }

  close(): void {
    if (this.released) return;
    this.released = true;
    this.watch.readers.delete(this);
    this.host.forget(this);
    this.wake();
  }

  /** The log of that epoch was deleted; its readers are given nothing more but that. */
  delete(epoch: string): void {
    if (this.epoch !== epoch || this.deletion !== undefined) return;
    const end = new SessionEnd(
      'deleted',
      this.watch.sessionId,
      new Date().toISOString(),
      'deleted',
      undefined,
    );
    (end as { id: string }).id = this.position;
    this.deletion = end;
  }

  wake(): void {
    const { listener } = this;
    if (listener === undefined) return;
    this.listener = undefined;
    listener();
  }

  private readDeletion(end: SessionEnd): readonly SessionRecord[] | undefined {
    if (this.hasReadDeletion) return undefined;
    this.hasReadDeletion = true;
    this.gap = undefined;
    return [end];
  }

  /** Where the log is another one than before, what was behind the reader's place is missing. */
  private followEpoch(): Gap | undefined {
    const { watch } = this;
    if (this.epoch === watch.epoch) return undefined;
    const hasSeenNothing = this.epoch === NO_EPOCH;
    this.epoch = watch.epoch;
    this.silentEnd = -1;
    this.page = undefined;
    this.offset = watch.first - 1;
    if (hasSeenNothing) return this.offset === 0 ? undefined : gapAt(watch, 'evicted', this.offset);
    return gapAt(watch, 'epoch', null);
  }

  private takePage(): readonly SessionRecord[] | undefined {
    const { page } = this;
    this.page = undefined;
    if (page === undefined || page.epoch !== this.epoch || page.from <= this.offset) return undefined;
    const missed = page.from - 1 - this.offset;
    if (missed > 0) {
      this.offset = page.from - 1;
      this.gap ??= { reason: 'evicted', resumedAt: this.position, missed };
    }
    return page.records;
  }

  private fetch(): void {
    if (this.isFetching) return;
    this.isFetching = true;
    void this.host.fetch(this.watch, this.offset).then(this.turnTo);
  }

  private readonly turnTo = (page: RecordRun | undefined): void => {
    this.isFetching = false;
    this.page = page;
    const isLost = page === undefined && this.watch.failure === undefined;
    if (isLost && this.deletion === undefined) this.close();
    else this.wake();
  };
}

/** Where reading begins for `from`, in a session of which this is known. */
export function startOf(watch: LogBounds, popped: number, from: ReadFrom | undefined): RedisStart {
  const oldest = watch.first - 1;
  const begin = (offset: number, gap?: Gap, silentEnd = -1): RedisStart => ({ offset, gap, silentEnd });
  if (from === undefined) return begin(Math.max(popped, oldest));
  if (from === 'start') return begin(oldest);
  if (from === 'now') return begin(watch.last, undefined, watch.last);
  const position = parsePosition(from);
  if (position === undefined) return begin(oldest, gapAt(watch, 'malformed', null));
  if (position.epoch === NO_EPOCH)
    return begin(oldest, oldest === 0 ? undefined : gapAt(watch, 'evicted', oldest));
  if (position.epoch !== watch.epoch) return begin(oldest, gapAt(watch, 'epoch', null));
  if (position.offset > watch.last) return begin(oldest, gapAt(watch, 'future', null));
  const missed = oldest - position.offset;
  return missed > 0 ? begin(oldest, gapAt(watch, 'evicted', missed)) : begin(position.offset);
}

function gapAt({ epoch, first }: LogBounds, reason: GapReason, missed: number | null): Gap {
  return { reason, resumedAt: formatPosition(epoch, first - 1), missed };
}
