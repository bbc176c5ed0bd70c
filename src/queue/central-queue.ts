import type { SessionRecord } from '../entry/log-entry.js';
import { RecordList } from '../entry/record-list.js';
import { SessionLoggerError } from '../session-logger.errors.js';

/** Bounds of the central queue. */
export interface CentralQueueBounds {
  /** Records that may lie in the queue. */
  queueEntries: number;
  /** Bytes that may lie in the queue, by estimate. */
  queueBytes: number;
  /** Calls that may wait for room in the queue; beyond it they are refused. */
  waiting: number;
}

/** Bounded FIFO of records accepted but not yet distributed. Full, it makes callers wait, in order. */
export class CentralQueue {
  /** Called after each record that goes in. */
  onPush: () => void = () => {};
  private readonly records = new RecordList();
  private readonly waitingRecords = new RecordList();
  private readonly admit: (() => void)[] = [];
  private pushed = 0;
  private taken = 0;

  constructor(private readonly bounds: CentralQueueBounds) {}

  get length(): number {
    return this.records.length;
  }

  get bytes(): number {
    return this.records.bytes;
  }

  /** Calls that wait for room. */
  get waiting(): number {
    return this.admit.length;
  }

  /** Counts all that was ever pushed, those that wait included: what a finite distribution has to reach. */
  get lastTicket(): number {
    return this.pushed;
  }

  /** How many were ever taken out. */
  get takenTickets(): number {
    return this.taken;
  }

  /**
   * Puts a record in. Returns undefined when it is in, or a promise that resolves once there was room.
   *
   * @throws SessionLoggerError `QUEUE_FULL` when too many wait already
   */
  push(record: SessionRecord): Promise<void> | undefined {
    if (this.admit.length > 0 || !this.hasRoom()) return this.wait(record);
    this.pushed++;
    this.records.push(record);
    this.onPush();
    return undefined;
  }

  /** Takes up to `max` of the oldest records out, and lets in those who wait. */
  take(max: number): SessionRecord[] {
    const taken = this.records.take(max);
    this.taken += taken.length;
    this.letIn();
    return taken;
  }

  /** A copy of what lies in the queue, in order, those that wait included. */
  peek(): SessionRecord[] {
    return [
      ...this.records.slice(0, this.records.length),
      ...this.waitingRecords.slice(0, this.waitingRecords.length),
    ];
  }

  private hasRoom(): boolean {
    return this.records.length < this.bounds.queueEntries && this.records.bytes < this.bounds.queueBytes;
  }

  private wait(record: SessionRecord): Promise<void> {
    if (this.admit.length >= this.bounds.waiting) throw queueFull(this.bounds);
    this.pushed++;
    this.waitingRecords.push(record);
    return new Promise((resolve) => this.admit.push(resolve));
  }

  private letIn(): void {
    let admitted = 0;
    while (admitted < this.admit.length && this.hasRoom()) {
      this.records.push(this.waitingRecords.shift()!);
      admitted++;
    }
    for (const resolve of this.admit.splice(0, admitted)) resolve();
  }
}

function queueFull({ queueEntries, queueBytes, waiting }: CentralQueueBounds): SessionLoggerError {
  return new SessionLoggerError(
    'QUEUE_FULL',
    `The central queue is full (${queueEntries} entries or ${queueBytes} bytes) and ${waiting} calls wait for room; ` +
      'the entry was not accepted. Await the returned promises, see that the distributor runs, ' +
      'or raise limits.queueEntries, limits.queueBytes or limits.waiting.',
    { details: { queueEntries, queueBytes, waiting } },
  );
}
