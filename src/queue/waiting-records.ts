import type { SessionRecord } from '../entry/log-entry.js';
import { RecordList } from '../entry/record-list.js';

/** Bounds of one outlet's queue. */
export interface OutletBounds {
  /** Records that may wait for a busy target; beyond it the oldest are dropped. */
  sinkEntries: number;
  /** Bytes that may wait for a busy target, by estimate; beyond it the oldest are dropped. */
  sinkBytes: number;
}

/** Records handed on at once at the most. */
const MAX_BATCH = 4096;

/** What an outlet has to hand on: the batch that an idle target gets as it is, and behind it a bounded queue. */
export class WaitingRecords<T extends SessionRecord> {
  private batch: readonly T[] = [];
  private readonly queue = new RecordList<T>();

  constructor(private readonly bounds: OutletBounds) {}

  get length(): number {
    return this.batch.length + this.queue.length;
  }

  get isHalfFull(): boolean {
    const { sinkEntries, sinkBytes } = this.bounds;
    return this.queue.length > sinkEntries / 2 || this.queue.bytes > sinkBytes / 2;
  }

  /** Takes a batch for an idle target, while nothing waits. */
  set(batch: readonly T[]): void {
    this.batch = batch;
  }

  /** Queues records; returns the oldest ones that there was no room for. */
  push(records: readonly T[]): T[] {
    const { queue, bounds } = this;
    for (const record of records) queue.push(record);
    const dropped: T[] = [];
    while (queue.length > bounds.sinkEntries || queue.bytes > bounds.sinkBytes) dropped.push(queue.shift()!);
    return dropped;
  }

  /** Takes the oldest out, as many as are handed on at once. */
  next(): readonly T[] {
    const { batch } = this;
    if (batch.length === 0) return this.queue.take(MAX_BATCH);
    this.batch = [];
    return batch;
  }

  /** Takes all out. */
  all(): T[] {
    const { batch } = this;
    this.batch = [];
    return [...batch, ...this.queue.take(this.queue.length)];
  }
}
