import { LogEntry, LogLine, type SessionRecord } from '../entry/log-entry.js';
import { messageOf, SessionLoggerError } from '../session-logger.errors.js';
import type { Outlet, OutletLosses, OutletStats } from './outlet.js';
import { within } from './within.js';

/** What one flush found wrong with one sink. */
interface FlushFailure {
  failed: number;
  dropped: number;
  pending: number;
  error?: string;
}

/** Hands each batch to the store, the sinks and the events. None of them waits for another. */
export class Router {
  private readonly lossesTold = new Map<string, { failed: number; dropped: number }>();

  constructor(
    private readonly store: Outlet<SessionRecord>,
    private readonly sinks: readonly Outlet<LogEntry>[],
    private readonly announce: (batch: readonly SessionRecord[]) => void,
  ) {}

  /** Counts by sink; `store` is what became of records on their way into the store. */
  stats(): { store: OutletStats; sinks: Record<string, OutletStats> } {
    const sinks = Object.fromEntries(this.sinks.map((sink) => [sink.name, sink.stats()]));
    return { store: this.store.stats(), sinks };
  }

  /** All take the batch before any is given it: a sink or a listener may end the process, and none must lose it. */
  readonly handOn = (batch: readonly SessionRecord[]): void => {
    if (this.sinks.length > 0) {
      // All sinks are given this one array: one that changed it would change it for the others.
      const entries = Object.freeze(batch.filter((record) => record instanceof LogEntry));
      for (const sink of this.sinks) sink.take(entries);
    }
    const records = forReaders(batch);
    this.store.take(records);
    this.store.handOn();
    for (const sink of this.sinks) sink.handOn();
    this.announce(records);
  };

  /** Resolves when the store has taken or lost all that was handed on before, or after `timeout` milliseconds. */
  async stored(timeout?: number): Promise<void> {
    const settled = this.store.settled();
    await (timeout === undefined ? settled : within(timeout, settled).catch(() => {}));
  }

  /**
   * Has the store and the sinks take all that was handed on before.
   *
   * @throws SessionLoggerError `ERASURE_FAILED` where they need longer than `timeout` milliseconds: what of a session
   *   is on its way would come after its deletion
   */
  async settled(timeout: number, withSinks: boolean): Promise<void> {
    const outlets = [this.store, ...(withSinks ? this.sinks : [])];
    for (const outlet of outlets) {
      await within(timeout, outlet.settled(), outlet.name).catch((error: unknown) => {
        throw erasureLate(messageOf(error));
      });
    }
  }

  /**
   * Has the sinks remove what they were given of a session.
   *
   * @throws what the first of them threw, once all were asked
   */
  async erase(sessionId: string): Promise<void> {
    const results = await Promise.allSettled(this.sinks.map((sink) => sink.erase(sessionId)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  /**
   * Resolves when the store and every sink have written all that was handed on before.
   *
   * @param timeout milliseconds
   * @throws SessionLoggerError `FLUSH_FAILED`: entries failed or were dropped since the last flush, or
   *   `timeout` was over; `details` has counts by sink
   */
  async flush(timeout: number): Promise<void> {
    const outlets = [this.store, ...this.sinks];
    const failures = await Promise.all(outlets.map((outlet) => this.flushOne(outlet, timeout)));
    const details = Object.fromEntries(
      outlets.flatMap((outlet, index) =>
        failures[index] === undefined ? [] : [[outlet.name, failures[index]]],
      ),
    );
    if (Object.keys(details).length > 0) throw flushFailed(details);
  }

  /** Whether the store and every sink take what they are given, with queues at most half full. */
  get healthy(): boolean {
    return this.store.stats().healthy && this.sinks.every((sink) => sink.stats().healthy);
  }

  /**
   * Has the sinks write what they hold, and `records`, before it returns; tells what is not written by outlet.
   * {@link tellLosses} is to follow: a listener may end the process, and with it what the next sink has to write.
   */
  writeOut(records: readonly SessionRecord[]): Record<string, OutletLosses> {
    const entries = records.filter((record) => record instanceof LogEntry);
    const losses = this.sinks.map((sink) => [sink.name, sink.writeOut(entries)] as const);
    return Object.fromEntries([[this.store.name, this.store.writeOut([])], ...losses]);
  }

  /** Tells what {@link writeOut} has lost to those who listen. */
  tellLosses(): void {
    for (const outlet of [this.store, ...this.sinks]) outlet.tellLosses();
  }

  /**
   * Has the sinks take what is logged while they are closed, or afterwards; tells whether any of them did.
   *
   * @param onTaken called before it is counted
   */
  writeLate(record: SessionRecord, onTaken: () => void): boolean {
    if (!(record instanceof LogEntry)) return false;
    const tries = this.sinks.map((sink) => sink.writeLate(record));
    if (!tries.some(({ isTaken }) => isTaken)) return false;
    onTaken();
    for (const { count } of tries) count();
    for (const sink of this.sinks) sink.handOn();
    return true;
  }

  /** Waits until the sinks have written or given up all that they hold, `timeout` milliseconds at the most. */
  async settle(timeout: number): Promise<void> {
    await Promise.allSettled(this.sinks.map((sink) => within(timeout, sink.idle())));
  }

  /** Closes the sinks; each has `timeout` milliseconds. */
  async close(timeout: number): Promise<void> {
    const results = await Promise.allSettled(
      this.sinks.map((sink) => within(timeout, sink.close()).finally(() => sink.finish())),
    );
    const failed = results
      .filter((result) => result.status === 'rejected')
      .map((result) => result.reason as unknown);
    if (failed.length > 0) throw new AggregateError(failed, failed.map(messageOf).join('; '));
  }

  private async flushOne(
    outlet: Outlet<SessionRecord> | Outlet<LogEntry>,
    timeout: number,
  ): Promise<FlushFailure | undefined> {
    const told = this.lossesTold.get(outlet.name) ?? { failed: 0, dropped: 0 };
    let error: string | undefined;
    await within(timeout, outlet.flush()).catch((reason: unknown) => (error = messageOf(reason)));
    const stats = outlet.stats();
    this.lossesTold.set(outlet.name, stats);
    const failed = stats.failed - told.failed;
    const dropped = stats.dropped - told.dropped;
    if (failed === 0 && dropped === 0 && error === undefined) return undefined;
    return { failed, dropped, pending: stats.pending, ...(error !== undefined && { error }) };
  }
}

/** Lines of the application belong to no session's log, and stacks that are hidden to nobody who reads it. */
function forReaders(batch: readonly SessionRecord[]): readonly SessionRecord[] {
  if (!batch.some((record) => record instanceof LogEntry && record.logType === 'log')) return batch;
  return batch.filter((record) => !(record instanceof LogLine)).map(withoutHidden);
}

/** A copy has what is enumerable alone. */
function withoutHidden(record: SessionRecord): SessionRecord {
  const isHidden = 'stack' in record && !Object.prototype.propertyIsEnumerable.call(record, 'stack');
  return isHidden ? Object.assign(new LogEntry(), record) : record;
}

function erasureLate(what: string): SessionLoggerError {
  return new SessionLoggerError(
    'ERASURE_FAILED',
    `Nothing was deleted, as entries are still on their way: ${what}. ` +
      'See stats() for what is pending, and try again once the store and the sinks take what they are given.',
  );
}

function flushFailed(details: Record<string, FlushFailure>): SessionLoggerError {
  const counts = Object.entries(details).map(
    ([name, { failed, dropped, pending, error }]) =>
      `${name}: ${failed} failed, ${dropped} dropped, ${pending} pending${error === undefined ? '' : ` (${error})`}`,
  );
  return new SessionLoggerError(
    'FLUSH_FAILED',
    `Not everything logged before flush() was written. ${counts.join('; ')}. ` +
      'The log of the application tells why a sink failed; see also stats().',
    { details },
  );
}
