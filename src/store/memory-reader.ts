import type { Gap } from '../entry/gap.js';
import { formatPosition } from '../entry/position.js';
import type { SessionRecord } from '../entry/log-entry.js';
import type { SessionLog } from './session-log.js';
import type { ReadFrom, SessionBatch, SessionReader } from './session-store.interface.js';

/** Records given at once; a reader far behind catches up in steps of this size. */
const MAX_BATCH = 512;

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
      this.records = log.read(after, MAX_BATCH);
    }
    return this.records;
  }

  /** Lets go of the slice. */
  clear(): void {
    this.log = undefined;
    this.records = [];
  }
}

/** A cursor over a {@link SessionLog}. */
export class MemoryReader implements SessionReader {
  closed = false;
  private offset: number;
  private gap: Gap | undefined;
  private listener: (() => void) | undefined;
  /** Who asks for what comes from now on is not told of an end that was before. */
  private readonly endSeenBefore: number;

  constructor(
    readonly log: SessionLog,
    private readonly slices: SliceCache,
    private readonly onClose: (reader: MemoryReader) => void,
    from: ReadFrom | undefined,
  ) {
    ({ offset: this.offset, gap: this.gap } = log.startAt(from));
    this.endSeenBefore = from === 'now' ? this.offset : -1;
  }

  get position(): string {
    return formatPosition(this.log.epoch, this.offset);
  }

  get ended(): boolean {
    return this.offset === this.log.lastOffset && this.offset !== this.endSeenBefore && this.log.ended;
  }

  read(): SessionBatch | undefined {
    if (this.closed) return undefined;
    const gap = this.gap ?? this.log.gapAt(this.offset);
    this.gap = undefined;
    if (gap !== undefined) this.offset = this.log.startAt('start').offset;
    if (this.offset === this.log.lastOffset) return gap && { records: [], gap };
    const records = this.slices.read(this.log, this.offset);
    this.offset += records.length;
    return { records, gap };
  }

  wait(listener: () => void): void {
    this.listener = listener;
    this.log.wait(this.wake);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.log.unwait(this.wake);
    this.onClose(this);
    this.wake();
  }

  private readonly wake = (): void => {
    const listener = this.listener;
    this.listener = undefined;
    listener?.();
  };
}
