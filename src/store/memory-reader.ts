import type { Gap } from '../entry/gap.js';
import { formatPosition } from '../entry/position.js';
import type { SessionRecord } from '../entry/log-entry.js';
import type { AttachedReader, SessionLog, Start } from './session-log.js';
import type { SessionReader } from './session-store.interface.js';

/** Records given at once; a reader far behind catches up in steps of this size. */
const MAX_BATCH = 512;
/** Bytes given at once, by estimate: what a client that does not read may hold beyond its socket's buffers. */
const MAX_BATCH_BYTES = 256 * 1024;

/** Remembers the last slice, so that all readers that follow a session live are given the same array. */
export class SliceCache {
  private log: SessionLog | undefined;
  private after = 0;
  private last = 0;
  private records: readonly SessionRecord[] = [];

  read(log: SessionLog, after: number): readonly SessionRecord[] {
    if (this.log !== log || this.after !== after || this.last !== log.lastOffset) {
      this.log = log;
      this.after = after;
      this.last = log.lastOffset;
      this.records = log.read(after, MAX_BATCH, MAX_BATCH_BYTES);
    }
    return this.records;
  }

  /** Lets go of the slice. */
  clear(): void {
    this.log = undefined;
    this.records = [];
  }
}

/** What a reader needs of its store. */
export interface ReaderHost {
  readonly slices: SliceCache;
  /** Nothing will be appended any more. */
  readonly closed: boolean;
  forget(reader: MemoryReader): void;
}

/** A cursor over a {@link SessionLog}. */
export class MemoryReader implements SessionReader, AttachedReader {
  slot = 0;
  gap: Gap | undefined;
  private offset: number;
  private startGap: Gap | undefined;
  private released = false;
  private hasReadDeletion = false;
  private listener: (() => void) | undefined;

  /** @param silentEnd offset of an end that the reader is not told of, because it asked for what comes after it */
  constructor(
    readonly log: SessionLog,
    private readonly host: ReaderHost,
    start: Start,
    private readonly silentEnd = -1,
  ) {
    ({ offset: this.offset, gap: this.startGap } = start);
    log.attach(this);
  }

  get position(): string {
    return formatPosition(this.log.epoch, this.offset);
  }

  get ended(): boolean {
    if (this.log.deletion !== undefined) return this.hasReadDeletion;
    return this.offset === this.log.lastOffset && this.offset !== this.silentEnd && this.log.ended;
  }

  get closed(): boolean {
    return this.released || this.host.closed;
  }

  read(): readonly SessionRecord[] | undefined {
    if (this.released) return undefined;
    if (this.log.deletion !== undefined) return this.readDeletion(this.log.deletion);
    this.gap = this.startGap ?? this.log.gapAt(this.offset);
    this.startGap = undefined;
    if (this.gap !== undefined) this.offset = this.log.startAt('start').offset;
    if (this.offset === this.log.lastOffset) return this.gap && [];
    const records = this.host.slices.read(this.log, this.offset);
    this.offset += records.length;
    return records;
  }

  wait(listener: () => void): void {
    this.listener = listener;
  }

  private readDeletion(end: SessionRecord): readonly SessionRecord[] | undefined {
    if (this.hasReadDeletion) return undefined;
    this.hasReadDeletion = true;
    this.gap = undefined;
    this.offset = this.log.lastOffset;
    return [end];
  }

  close(): void {
    if (this.released) return;
    this.released = true;
    this.log.detach(this);
    this.host.forget(this);
    this.wake();
  }

  wake(): void {
    const { listener } = this;
    if (listener === undefined) return;
    this.listener = undefined;
    listener();
  }
}
