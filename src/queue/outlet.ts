import type { SessionRecord } from '../entry/log-entry.js';
import { messageOf, SessionLoggerError } from '../session-logger.errors.js';
import { WaitingRecords, type OutletBounds } from './waiting-records.js';

export type { OutletBounds } from './waiting-records.js';

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
  erase?(sessionId: string): void | PromiseLike<unknown>;
  close?(): void | PromiseLike<unknown>;
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

/**
 * Hands batches on to one target, one at a time and in order, on a bounded queue of its own, so that a
 * target that is slow, hangs or throws holds up nobody else.
 */
export class Outlet<T extends SessionRecord> {
  private readonly waiting: WaitingRecords<T>;
  private offered = 0;
  private written = 0;
  private failed = 0;
  private dropped = 0;
  private inHand = 0;
  private isFailing = false;
  private stage: 'open' | 'closing' | 'closed' = 'open';
  /** Dropped since the target was told last. */
  private untoldDrops = 0;
  private readonly untoldLosses: { lost: number; error: unknown }[] = [];
  /** How many had been offered before the oldest record that is not done with. */
  private oldestPending = 0;
  private readonly settling: { offered: number; resolve: () => void }[] = [];

  constructor(
    private readonly target: OutletTarget<T>,
    bounds: OutletBounds,
    private readonly onLoss: (name: string, lost: number, error: unknown) => void,
  ) {
    this.waiting = new WaitingRecords(bounds);
  }

  get name(): string {
    return this.target.name;
  }

  stats(): OutletStats {
    const { written, failed, dropped, pending, healthy } = this;
    return { written, failed, dropped, pending, healthy };
  }

  private get pending(): number {
    return this.waiting.length + this.inHand;
  }

  private get healthy(): boolean {
    return !this.isFailing && !this.waiting.isHalfFull && this.failure === undefined;
  }

  private get failure(): unknown {
    try {
      return this.target.failure;
    } catch (error) {
      return error;
    }
  }

  /** {@link take} and {@link handOn}. */
  offer(records: readonly T[]): void {
    this.take(records);
    this.handOn();
  }

  /** Takes records in; {@link handOn} is to follow. */
  take(records: readonly T[]): void {
    const isIdle = this.pending === 0;
    this.offered += records.length;
    if (isIdle) this.waiting.set(records);
    else this.queue(records);
  }

  /** Hands on what was taken, now or when the target has finished what it is at, and tells what was lost. */
  handOn(): void {
    this.tellLosses();
    this.sendNext();
  }

  /** Resolves when all that was offered before has been written, failed or dropped. */
  settled(): Promise<void> {
    const { offered } = this;
    if (this.oldestPending >= offered) return Promise.resolve();
    return new Promise((resolve) => this.settling.push({ offered, resolve }));
  }

  /** Resolves when nothing is pending, what is offered meanwhile included. */
  async idle(): Promise<void> {
    while (this.pending > 0) await this.settled();
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

  /** Has the target remove what it was given of a session. */
  async erase(sessionId: string): Promise<void> {
    await this.target.erase?.(sessionId);
  }

  /** Writes all that waits, and `more`, before it returns: the process ends. {@link tellLosses} is to follow. */
  writeOut(more: readonly T[]): OutletLosses {
    const waiting = this.target.writeSync === undefined ? [] : this.waiting.all();
    this.offered += more.length;
    const lost = this.writeAtOnce([...waiting, ...more]);
    return { lost: lost + this.waiting.length, unknown: this.inHand };
  }

  /**
   * Takes one record that comes while the application closes, or afterwards: behind what waits, else the target
   * writes it before this returns.
   *
   * @returns whether it is taken; `count` then, or where another outlet has taken it, counts it
   */
  writeLate(record: T): { isTaken: boolean; count: () => void } {
    if (this.mayWait) return { isTaken: true, count: () => this.take([record]) };
    const error = this.writeNow([record]);
    const count = (): void => {
      this.offered++;
      this.countTried(1, error);
      this.tellSettled();
    };
    return { isTaken: error === undefined, count };
  }

  /** Closes the target, which is given nothing more. {@link finish} must follow, also where that hangs. */
  async close(): Promise<void> {
    this.stage = 'closing';
    await this.target.close?.();
  }

  /** Writes what still waits before it returns, or counts it as failed. */
  finish(): void {
    this.stage = 'closed';
    this.writeAtOnce(this.waiting.all());
    this.tellLosses();
  }

  /** Tells what was lost. Whoever hears it may do anything, end the process included. */
  tellLosses(): void {
    for (const { lost, error } of this.untoldLosses.splice(0)) this.onLoss(this.name, lost, error);
  }

  /** Whether there is something to wait for, and what waits is going to be tried. */
  private get mayWait(): boolean {
    if (this.stage === 'closing' && this.target.writeSync === undefined) return false;
    return this.stage !== 'closed' && this.pending > 0;
  }

  /** @returns how many of `records`, which are offered already, were lost */
  private writeAtOnce(records: readonly T[]): number {
    if (records.length === 0) return 0;
    this.inHand += records.length;
    const error = this.writeNow(records);
    this.inHand -= records.length;
    const lost = this.countTried(records.length, error);
    this.tellSettled();
    return lost;
  }

  /** What went wrong, if anything did. */
  private writeNow(records: readonly T[]): Error | undefined {
    try {
      this.tellDrops();
      const returned: unknown = this.target.writeSync?.(records);
      if (this.target.writeSync !== undefined && !isPromise(returned)) return undefined;
      void quietly(() => returned);
      return new Error('it cannot write before it returns');
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
    const lost = records - written;
    this.written += written;
    this.failed += lost;
    this.isFailing = true;
    this.untoldLosses.push({ lost, error });
    return lost;
  }

  private queue(records: readonly T[]): void {
    const dropped = this.waiting.push(records);
    if (dropped.length === 0) return;
    this.dropped += dropped.length;
    this.untoldDrops += dropped.length;
    this.untoldLosses.push({ lost: dropped.length, error: new Error('its queue is full') });
    for (const record of dropped) void quietly(() => this.target.lost?.(record));
  }

  private readonly sendNext = (): void => {
    while (this.stage === 'open' && this.inHand === 0 && this.pending > 0) this.send(this.waiting.next());
  };

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
    const drops = this.untoldDrops;
    this.untoldDrops = 0;
    void quietly(() => this.target.dropped?.(drops));
  }

  private readonly done = (): void => {
    this.written += this.inHand;
    this.isFailing = false;
    this.release();
  };

  private readonly fail = (error: unknown): void => {
    const { inHand } = this;
    this.countFailed(inHand, error);
    this.release();
    this.tellLosses();
  };

  private release(): void {
    this.inHand = 0;
    this.tellSettled();
  }

  private tellSettled(): void {
    this.oldestPending = this.offered - this.pending;
    while (this.settling[0] !== undefined && this.settling[0].offered <= this.oldestPending) {
      this.settling.shift()!.resolve();
    }
  }
}

/** How much of a batch was written before a sink gave it up. */
function writtenOf(error: unknown): number {
  const isTold = error instanceof SessionLoggerError && error.code === 'WRITE_FAILED';
  const written = isTold ? error.details?.['written'] : 0;
  return typeof written === 'number' && written >= 0 ? written : 0;
}

/** Also of a method that is to return nothing. */
function isPromise(value: unknown): boolean {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';
}

/** Does what may throw or reject without harm to anybody. */
async function quietly(step: () => unknown): Promise<void> {
  try {
    await step();
  } catch {
    return;
  }
}
