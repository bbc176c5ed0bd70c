import type { SessionRecord } from '../entry/log-entry.js';
import { RecordList } from '../entry/record-list.js';
import { messageOf, SessionLoggerError } from '../session-logger.errors.js';

/** Where an outlet hands batches on to: a sink, or the store. */
export interface OutletTarget<T extends SessionRecord> {
  readonly name: string;
  /** Why it cannot write at present, although it has not given up what it holds. */
  readonly failure?: unknown;
  write(records: readonly T[]): void | PromiseLike<unknown>;
  writeSync?(records: readonly T[]): void;
  dropped?(count: number): void;
  /** Told of each record that the queue had no room for. */
  lost?(record: T): void;
  flush?(): void | PromiseLike<unknown>;
  close?(): void | PromiseLike<unknown>;
}

/** Bounds of one outlet's queue. */
export interface OutletBounds {
  /** Records that may wait for a busy target; beyond it the oldest are dropped. */
  sinkEntries: number;
  /** Bytes that may wait for a busy target, by estimate; beyond it the oldest are dropped. */
  sinkBytes: number;
}

/** What became of the records offered to one sink: offered = written + failed + dropped + pending. */
export interface OutletStats {
  readonly written: number;
  /** The sink threw or rejected. */
  readonly failed: number;
  /** The sink's queue was full. */
  readonly dropped: number;
  /** Waiting or in the sink's hands. */
  readonly pending: number;
  /** False while the sink fails or its queue is over half full. */
  readonly healthy: boolean;
}

/** What a process that ends at once could not bring home. */
export interface OutletLosses {
  /** Not written. */
  readonly lost: number;
  /** In the sink's hands: written or not. */
  readonly unknown: number;
}

/** Records handed on at once at the most. */
const MAX_BATCH = 4096;

/**
 * Hands batches on to one target, one at a time and in order, on a bounded queue of its own, so that a
 * target that is slow, hangs or throws holds up nobody else.
 */
export class Outlet<T extends SessionRecord> {
  private readonly queue = new RecordList<T>();
  private offered = 0;
  private written = 0;
  private failed = 0;
  private dropped = 0;
  private inHand = 0;
  private isFailing = false;
  /** Dropped since the target was told last. */
  private untoldDrops = 0;
  /** How many had been offered before the oldest record that is not done with. */
  private oldestPending = 0;
  private readonly waiting: { offered: number; resolve: () => void }[] = [];

  constructor(
    private readonly target: OutletTarget<T>,
    private readonly bounds: OutletBounds,
    private readonly onLoss: (name: string, lost: number, error: unknown) => void,
  ) {}

  get name(): string {
    return this.target.name;
  }

  stats(): OutletStats {
    const { written, failed, dropped, healthy } = this;
    return { written, failed, dropped, pending: this.queue.length + this.inHand, healthy };
  }

  private get healthy(): boolean {
    const { sinkEntries, sinkBytes } = this.bounds;
    const isHalfFull = this.queue.length > sinkEntries / 2 || this.queue.bytes > sinkBytes / 2;
    return !this.isFailing && !isHalfFull && this.failure === undefined;
  }

  private get failure(): unknown {
    try {
      return this.target.failure;
    } catch (error) {
      return error;
    }
  }

  /** Hands `records` on, now or when the target has finished what it is at. */
  offer(records: readonly T[]): void {
    if (records.length === 0) return;
    this.offered += records.length;
    if (this.inHand === 0) this.send(records);
    else this.enqueue(records);
  }

  /** Resolves when all that was offered before has been written, failed or dropped. */
  settled(): Promise<void> {
    const { offered } = this;
    if (this.oldestPending >= offered) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ offered, resolve }));
  }

  /**
   * Waits for all that was offered before, then for the target's own flush.
   *
   * @throws at once where the target cannot write at present
   */
  async flush(): Promise<void> {
    const { failure } = this;
    if (failure !== undefined) throw new Error(messageOf(failure), { cause: failure });
    await this.settled();
    await this.target.flush?.();
  }

  /** Writes all that waits, and `more`, before it returns: the process ends. */
  writeOut(more: readonly T[]): OutletLosses {
    const waiting = this.target.writeSync === undefined ? [] : this.queue.take(this.queue.length);
    const records = [...waiting, ...more];
    this.offered += more.length;
    const lost = records.length === 0 ? 0 : this.countTried(records.length, this.writeNow(records));
    this.tellSettled();
    return { lost: lost + this.queue.length, unknown: this.inHand };
  }

  /**
   * Has the target write one record, and what waits before it, before it returns.
   *
   * @returns whether it has; `count` then, or where another outlet has, counts it
   */
  writeLate(record: T): { isWritten: boolean; count: () => void } {
    if (this.queue.length > 0) this.writeOut([]);
    const error = this.writeNow([record]);
    const count = (): void => {
      this.offered++;
      this.countTried(1, error);
      this.tellSettled();
    };
    return { isWritten: error === undefined, count };
  }

  /** What went wrong, if anything did. */
  private writeNow(records: readonly T[]): Error | undefined {
    try {
      if (this.target.writeSync === undefined) throw new Error('it cannot write before it returns');
      this.tellDrops();
      this.target.writeSync(records);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(messageOf(error), { cause: error });
    }
  }

  /** @returns how many of `records` were lost */
  private countTried(records: number, error: Error | undefined): number {
    if (error !== undefined) return this.countFailed(records, error);
    this.written += records;
    return 0;
  }

  /** @returns how many of `records` were lost */
  private countFailed(records: number, error: unknown): number {
    const written = Math.min(writtenOf(error), records);
    this.written += written;
    this.failed += records - written;
    this.isFailing = true;
    this.onLoss(this.name, records - written, error);
    return records - written;
  }

  async close(): Promise<void> {
    await this.target.close?.();
  }

  private enqueue(records: readonly T[]): void {
    for (const record of records) this.queue.push(record);
    const before = this.dropped;
    while (this.queue.length > this.bounds.sinkEntries || this.queue.bytes > this.bounds.sinkBytes) {
      const record = this.queue.shift()!;
      this.target.lost?.(record);
      this.dropped++;
    }
    const lost = this.dropped - before;
    this.untoldDrops += lost;
    if (lost > 0) this.onLoss(this.name, lost, new Error('its queue is full'));
  }

  private send(records: readonly T[]): void {
    this.inHand = records.length;
    try {
      this.tellDrops();
      const writing = this.target.write(records);
      if (writing === undefined) this.done();
      else void Promise.resolve(writing).then(this.done, this.fail).then(this.sendNext);
    } catch (error) {
      this.fail(error);
    }
  }

  private tellDrops(): void {
    if (this.untoldDrops === 0) return;
    try {
      this.target.dropped?.(this.untoldDrops);
    } catch {
      // What it was told for does not go down with it.
    }
    this.untoldDrops = 0;
  }

  private readonly sendNext = (): void => {
    while (this.inHand === 0 && this.queue.length > 0) this.send(this.queue.take(MAX_BATCH));
  };

  private readonly done = (): void => {
    this.written += this.inHand;
    this.isFailing = false;
    this.release();
  };

  private readonly fail = (error: unknown): void => {
    const { inHand } = this;
    this.release();
    this.countFailed(inHand, error);
  };

  private release(): void {
    this.inHand = 0;
    this.tellSettled();
  }

  private tellSettled(): void {
    this.oldestPending = this.offered - this.queue.length - this.inHand;
    while (this.waiting[0] !== undefined && this.waiting[0].offered <= this.oldestPending) {
      this.waiting.shift()!.resolve();
    }
  }
}

/** How much of a batch was written before a sink gave it up. */
function writtenOf(error: unknown): number {
  const isTold = error instanceof SessionLoggerError && error.code === 'WRITE_FAILED';
  const written = isTold ? error.details?.['written'] : 0;
  return typeof written === 'number' && written >= 0 ? written : 0;
}
