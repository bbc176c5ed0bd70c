import type { SessionRecord } from '../entry/log-entry.js';
import { RecordList } from '../entry/record-list.js';

/** Where an outlet hands batches on to: a sink, or the store. */
export interface OutletTarget<T extends SessionRecord> {
  readonly name: string;
  write(records: readonly T[]): void | PromiseLike<unknown>;
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
    const pending = this.queue.length + this.inHand;
    return { written: this.written, failed: this.failed, dropped: this.dropped, pending };
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

  /** Waits for all that was offered before, then for the target's own flush. */
  async flush(): Promise<void> {
    await this.settled();
    await this.target.flush?.();
  }

  async close(): Promise<void> {
    await this.target.close?.();
  }

  private enqueue(records: readonly T[]): void {
    for (const record of records) this.queue.push(record);
    const before = this.dropped;
    while (this.queue.length > this.bounds.sinkEntries || this.queue.bytes > this.bounds.sinkBytes) {
      this.queue.shift();
      this.dropped++;
    }
    if (this.dropped > before) this.onLoss(this.name, this.dropped - before, new Error('its queue is full'));
  }

  private send(records: readonly T[]): void {
    this.inHand = records.length;
    try {
      const writing = this.target.write(records);
      if (writing === undefined) this.done();
      else void Promise.resolve(writing).then(this.done, this.fail).then(this.sendNext);
    } catch (error) {
      this.fail(error);
    }
  }

  private readonly sendNext = (): void => {
    while (this.inHand === 0 && this.queue.length > 0) this.send(this.queue.take(MAX_BATCH));
  };

  private readonly done = (): void => {
    this.written += this.inHand;
    this.release();
  };

  private readonly fail = (error: unknown): void => {
    const lost = this.inHand;
    this.failed += lost;
    this.release();
    this.onLoss(this.name, lost, error);
  };

  private release(): void {
    this.inHand = 0;
    this.oldestPending = this.offered - this.queue.length;
    while (this.waiting[0] !== undefined && this.waiting[0].offered <= this.oldestPending) {
      this.waiting.shift()!.resolve();
    }
  }
}
