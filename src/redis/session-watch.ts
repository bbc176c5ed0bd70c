import type { SessionRecord } from '../entry/log-entry.js';
import { recordBytes, RecordList } from '../entry/record-list.js';
import { SessionEnd } from '../entry/session-end.js';

/** What Redis says of a session. */
export interface SessionState {
  /** {@link NO_EPOCH} where there is no log. */
  readonly epoch: string;
  readonly last: number;
  readonly first: number;
  /** How the session ended, where the newest record is an end; else empty. */
  readonly ended: string;
  /** Offset of the record that `pop` took last. */
  readonly popped: number;
}

/** Records of one log with consecutive offsets. */
export interface RecordRun {
  readonly epoch: string;
  /** Offset of the first one. */
  readonly from: number;
  readonly records: readonly SessionRecord[];
}

/** The epoch of a session that has no log yet: who stands there has seen nothing. */
export const NO_EPOCH = '0';

/** Records given at once, and their bytes by estimate. */
export const MAX_BATCH = 512;
export const MAX_BATCH_BYTES = 256 * 1024;

/** A reader that a watch wakes. */
export interface WatchingReader {
  readonly offset: number;
  wake(): void;
  /** The log of that epoch was deleted. */
  delete(epoch: string): void;
}

/** What this process knows of a session that is read here: where its log stands, and its newest records. */
export class SessionWatch {
  epoch = NO_EPOCH;
  last = 0;
  first = 1;
  ended = '';
  /** Whether the rest is known yet. */
  isKnown = false;
  /** Why the session cannot be read. */
  failure: Error | undefined;
  /** Readers, and who is about to become one. */
  holders = 0;
  /** Resolves once messages come in. */
  subscribed: Promise<void> | undefined;
  readonly readers = new Set<WatchingReader>();
  /** The newest records; what readers have read goes. */
  private tail = new RecordList();
  private tailEnd = 0;
  private slice: { after: number; end: number; records: readonly SessionRecord[] } | undefined;

  /** @param onBytes told of how many more bytes are held */
  constructor(
    readonly sessionId: string,
    private readonly onBytes: (more: number) => void,
  ) {}

  /** Bytes of the records held, by estimate. */
  get bytes(): number {
    return this.tail.bytes;
  }

  get length(): number {
    return this.tail.length;
  }

  entries(): SessionRecord[] {
    return this.tail.slice(0, this.tail.length);
  }

  /** Takes over what Redis says. */
  learn({ epoch, last, first, ended }: SessionState): void {
    const isSame = this.isKnown && epoch === this.epoch && this.failure === undefined;
    if (isSame) this.first = Math.max(first, this.first);
    if (isSame && last <= this.last) return;
    if (!isSame) this.startTail(last);
    this.epoch = epoch;
    this.last = last;
    this.first = first;
    this.ended = ended;
    this.failure = undefined;
    this.isKnown = true;
    this.wake();
  }

  /**
   * Adds records that were published or appended here.
   *
   * @returns false where it has to be looked at first
   */
  add({ epoch, from, records }: RecordRun): boolean {
    if (!this.isKnown) return false;
    if (epoch !== this.epoch && !this.beginsHere(from)) return false;
    this.epoch = epoch;
    const end = from + records.length - 1;
    if (end <= this.tailEnd) return true;
    if (from > this.tailEnd + 1) this.startTail(from - 1);
    const { bytes } = this.tail;
    for (const record of records.slice(this.tailEnd + 1 - from)) this.tail.push(record);
    this.onBytes(this.tail.bytes - bytes);
    this.tailEnd = end;
    if (end >= this.last) {
      const last = records.at(-1);
      this.last = end;
      this.ended = last instanceof SessionEnd ? last.reason : '';
    }
    this.wake();
    this.dropWhatWasRead();
    return true;
  }

  /** Whether a run that begins at `from` is here already: runs come whole or not at all. */
  has(epoch: string, from: number): boolean {
    return epoch === this.epoch && from <= this.tailEnd;
  }

  /** Whether a run continues what is held: others of the log may still be on their way. */
  follows({ epoch, from }: RecordRun): boolean {
    return epoch === this.epoch ? from === this.tailEnd + 1 : this.beginsHere(from);
  }

  /** Records behind `offset`, the same array for all who stand there; undefined where they are not held. */
  recordsAfter(offset: number): readonly SessionRecord[] | undefined {
    const { slice, tail, tailEnd } = this;
    if (slice?.after === offset && slice.end === tailEnd) return slice.records;
    const from = offset + tail.length - tailEnd;
    if (from < 0 || from >= tail.length) return undefined;
    const records = takeSome(tail, from);
    this.slice = { after: offset, end: tailEnd, records };
    return records;
  }

  /** Tells the readers of a log that it was deleted; those of another one go on. */
  delete(epoch: string): void {
    for (const reader of this.readers) reader.delete(epoch);
    if (this.epoch === epoch) this.learn({ epoch: NO_EPOCH, last: 0, first: 1, ended: '', popped: 0 });
    this.wake();
  }

  fail(error: Error): void {
    this.failure = error;
    this.wake();
  }

  /** Lets go of the records held; readers that need them read them from Redis. */
  dropTail(): void {
    this.startTail(this.tailEnd);
  }

  /** The first record of a log that there was not when it was looked at. */
  private beginsHere(from: number): boolean {
    return this.epoch === NO_EPOCH && from === 1;
  }

  private startTail(end: number): void {
    this.onBytes(-this.tail.bytes);
    this.tail = new RecordList();
    this.tailEnd = end;
    this.slice = undefined;
  }

  private dropWhatWasRead(): void {
    for (const reader of this.readers) if (reader.offset < this.tailEnd) return;
    this.dropTail();
  }

  private wake(): void {
    for (const reader of this.readers) reader.wake();
  }
}

function takeSome(tail: RecordList, from: number): SessionRecord[] {
  const before = tail.slice(from, Math.min(from + MAX_BATCH, tail.length));
  let bytes = 0;
  const end = before.findIndex((record) => (bytes += recordBytes(record)) > MAX_BATCH_BYTES);
  return end === -1 ? before : before.slice(0, Math.max(end, 1));
}
