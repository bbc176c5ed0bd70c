import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import { recordBytes, RecordList } from '../entry/record-list.js';
import { SessionLoggerError } from '../session-logger.errors.js';

/** What a full central queue does: makes callers wait, drops its oldest record, or refuses the new one. */
export type Overflow = 'wait' | 'drop-oldest' | 'reject';

/** Bounds of the central queue. */
export interface CentralQueueBounds {
  /** Records that may lie in the queue. */
  queueEntries: number;
  /** Bytes that may lie in the queue, by estimate. */
  queueBytes: number;
  /**
   * What happens when it is full: `wait`, calls wait for room, in order; `drop-oldest`, its oldest record goes, counted;
   * `reject`, calls reject with `QUEUE_FULL`, but ends of sessions wait.
   */
  overflow: Overflow;
  /** Calls that may wait for room in the queue; beyond it they reject with `QUEUE_FULL`. */
  waiting: number;
  /** Bytes that may wait for room in the queue, by estimate; beyond it calls reject with `QUEUE_FULL`. */
  waitingBytes: number;
}

/** Bounded FIFO of records accepted but not yet distributed. */
export class CentralQueue {
  /** Called after each record that goes in. */
  onPush: () => void = () => {};
  private readonly records = new RecordList();
  private readonly waitingRecords = new RecordList();
  private readonly admit: (() => void)[] = [];
  private drops = 0;
  private pushed = 0;
  private taken = 0;

  /** @param onDrop called after each record that was dropped to make room */
  constructor(
    private readonly bounds: CentralQueueBounds,
    private readonly onDrop: () => void = () => {},
  ) {}

  get length(): number {
    return this.records.length;
  }

  get bytes(): number {
    return this.records.bytes;
  }

  /** Records dropped to make room. */
  get dropped(): number {
    return this.drops;
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
   * @throws SessionLoggerError `QUEUE_FULL` when it is full and refuses, or too many wait already
   */
  push(record: SessionRecord): Promise<void> | undefined {
    this.check(record);
    return this.pushAccepted(record);
  }

  /**
   * As {@link push} for many, all or none: resolves once the last of them is in.
   *
   * @throws SessionLoggerError `QUEUE_FULL` where not all of them have room, in the queue or among those that wait
   */
  pushAll(records: readonly SessionRecord[]): Promise<void> | undefined {
    this.checkAll(records);
    let last: Promise<void> | undefined;
    for (const record of records) last = this.pushAccepted(record);
    return last;
  }

  /** Throws where {@link push} would. */
  check(record: SessionRecord): void {
    const { overflow } = this.bounds;
    if (this.isOpen || overflow === 'drop-oldest') return;
    // Without its end a session's readers would wait for ever.
    const isRefused = overflow === 'reject' && record instanceof LogEntry;
    if (isRefused || !this.mayWait) throw queueFull(this.bounds);
  }

  /** Throws where {@link pushAll} would. */
  checkAll(records: readonly SessionRecord[]): void {
    if (!this.hasRoomForAll(records)) throw queueFull(this.bounds);
  }

  /** As {@link push}, for a record that was accepted before: it is never refused. */
  pushAccepted(record: SessionRecord): Promise<void> | undefined {
    if (!this.isOpen) {
      if (this.bounds.overflow !== 'drop-oldest') return this.wait(record);
      this.makeRoom();
    }
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

  /** Takes everything out, those that wait included. */
  takeAll(): SessionRecord[] {
    const taken: SessionRecord[][] = [];
    while (this.length > 0) taken.push(this.take(this.length));
    return taken.flat();
  }

  /** A copy of what lies in the queue, in order, those that wait included. */
  peek(): SessionRecord[] {
    return [
      ...this.records.slice(0, this.records.length),
      ...this.waitingRecords.slice(0, this.waitingRecords.length),
    ];
  }

  /** Whether a record that comes now goes in at once. */
  private get isOpen(): boolean {
    return this.admit.length === 0 && this.hasRoom();
  }

  private get mayWait(): boolean {
    const { waiting, waitingBytes } = this.bounds;
    return this.admit.length < waiting && this.waitingRecords.bytes < waitingBytes;
  }

  private hasRoom(): boolean {
    return this.records.length < this.bounds.queueEntries && this.records.bytes < this.bounds.queueBytes;
  }

  private hasRoomForAll(records: readonly SessionRecord[]): boolean {
    const { queueEntries, queueBytes, overflow, waiting, waitingBytes } = this.bounds;
    if (overflow === 'drop-oldest') return true;
    const bytes = records.reduce((sum, record) => sum + recordBytes(record), 0);
    const fit = this.length + records.length <= queueEntries && this.bytes + bytes <= queueBytes;
    if (this.waiting === 0 && fit) return true;
    const mayWait =
      this.waiting + records.length <= waiting && this.waitingRecords.bytes + bytes <= waitingBytes;
    return overflow === 'wait' && mayWait;
  }

  private wait(record: SessionRecord): Promise<void> {
    this.pushed++;
    this.waitingRecords.push(record);
    return new Promise((resolve) => this.admit.push(resolve));
  }

  private makeRoom(): void {
    while (!this.hasRoom()) {
      this.records.shift();
      this.drops++;
      this.taken++;
      this.onDrop();
    }
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

function queueFull({ queueEntries, queueBytes, overflow, waiting }: CentralQueueBounds): SessionLoggerError {
  return new SessionLoggerError(
    'QUEUE_FULL',
    `The central queue is full (${queueEntries} entries or ${queueBytes} bytes)` +
      (overflow === 'reject' ? '; ' : ` and too many calls wait for room (${waiting}); `) +
      'the entry was not accepted. Await the returned promises, see that the distributor runs, ' +
      'or raise limits.queueEntries, queueBytes, waiting or waitingBytes.',
    { details: { queueEntries, queueBytes, overflow, waiting } },
  );
}
