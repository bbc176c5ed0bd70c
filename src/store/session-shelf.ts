import { randomBytes } from 'node:crypto';
import type { SessionRecord } from '../entry/log-entry.js';
import { Generations } from './generations.js';
import { IdleSessions } from './idle-sessions.js';
import { SessionLog } from './session-log.js';
import type { EvictionReason, SessionStoreLimits } from './session-store.interface.js';
import { tooManyReaders } from './too-many-readers.js';

/** The longest delay of a timer: 2^31 - 1 ms. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** All session logs of a process; removes those that are over the bounds and that nobody reads. */
export class SessionShelf {
  readonly logs = new Map<string, SessionLog>();
  /** Records and their bytes over all logs. */
  readonly total = { records: 0, bytes: 0 };
  private readonly idle = new IdleSessions();
  /** Sessions that have ended and have no readers, with the time since when, the first first. */
  private readonly ended = new Map<SessionLog, number>();
  private readonly process = randomBytes(5).toString('hex');
  private readonly generations = new Generations();
  private held = 0;
  private timer: NodeJS.Timeout | undefined;
  /** When the timer runs, in milliseconds of `performance.now()`. */
  private sweepAt = Infinity;

  constructor(
    private readonly bounds: SessionStoreLimits,
    private readonly onEvicted: (log: SessionLog, reason: EvictionReason) => void,
  ) {}

  append(record: SessionRecord, now: number): SessionLog {
    const log = this.obtain(record.sessionId);
    const { length, bytes } = log;
    log.append(record, this.bounds);
    this.total.records += log.length - length;
    this.total.bytes += log.bytes - bytes;
    if (log.readers === 0) this.rest(log, now);
    return log;
  }

  /**
   * The session's log, made where there is none, and safe from eviction until it is let go.
   *
   * @throws SessionLoggerError `TOO_MANY_READERS`
   */
  hold(sessionId: string): SessionLog {
    const { readers, readersPerSession } = this.bounds;
    if (this.held >= readers) throw tooManyReaders('readers', readers);
    if ((this.logs.get(sessionId)?.readers ?? 0) >= readersPerSession) {
      throw tooManyReaders('readersPerSession', readersPerSession);
    }
    const log = this.obtain(sessionId);
    this.held++;
    log.readers++;
    this.idle.remove(log);
    this.ended.delete(log);
    return log;
  }

  /** Undoes a {@link hold}. A log that only readers made goes with the last of them. */
  letGo(log: SessionLog): void {
    this.held--;
    log.readers--;
    if (log.readers > 0 || log.deletion !== undefined) return;
    if (log.lastOffset === 0) this.logs.delete(log.sessionId);
    else this.rest(log, performance.now());
  }

  /** Brings the sessions back within the bounds of number and bytes; one alone may stay, whatever its size. */
  trim(): void {
    while (this.logs.size > this.bounds.sessions || this.total.bytes > this.bounds.totalBytes) {
      const log = this.idle.oldest;
      if (log === undefined || this.logs.size === 1) return;
      this.remove(log, 'bounds');
    }
  }

  /** Removes a session's log for good and tells its readers; one without records has nothing to delete. */
  delete(sessionId: string): void {
    const log = this.logs.get(sessionId);
    if (log === undefined || log.lastOffset === 0) return;
    this.remove(log, 'deleted');
    log.delete();
  }

  /** Ends the removal by age. */
  stop(): void {
    clearTimeout(this.timer);
  }

  /** An empty log that is not kept, for a session that has none. */
  none(sessionId: string): SessionLog {
    return new SessionLog(sessionId, this.process + this.generations.of(sessionId).toString(36));
  }

  private obtain(sessionId: string): SessionLog {
    let log = this.logs.get(sessionId);
    if (log === undefined) {
      log = this.none(sessionId);
      this.logs.set(sessionId, log);
    }
    return log;
  }

  /** Nobody reads the log: its age counts from `now`. */
  private rest(log: SessionLog, now: number): void {
    log.restsSince = now;
    this.idle.touch(log);
    if (this.ended.size > 0) this.ended.delete(log);
    if (log.ended) this.ended.set(log, now);
    // Only the first of those that ended can be due before what the timer waits for.
    if (this.timer === undefined || (log.ended && this.endedDue() < this.sweepAt)) this.setTimer(now);
  }

  private setTimer(now: number): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.sweepAt = Math.min(this.idleDue(), this.endedDue());
    if (this.sweepAt === Infinity) return;
    const wait = Math.min(Math.max(Math.ceil(this.sweepAt - now), 0), LONGEST_TIMER);
    this.timer = setTimeout(this.sweep, wait).unref();
  }

  private readonly sweep = (): void => {
    const now = performance.now();
    while (this.idleDue() <= now) this.remove(this.idle.oldest!, 'idle');
    while (this.endedDue() <= now) this.remove(this.ended.keys().next().value!, 'ended');
    this.setTimer(now);
  };

  private idleDue(): number {
    const { sessionIdle } = this.bounds;
    return sessionIdle === false ? Infinity : (this.idle.oldest?.restsSince ?? Infinity) + sessionIdle;
  }

  private endedDue(): number {
    const { sessionEnded } = this.bounds;
    return sessionEnded === false ? Infinity : (this.ended.values().next().value ?? Infinity) + sessionEnded;
  }

  private remove(log: SessionLog, reason: EvictionReason): void {
    this.idle.remove(log);
    this.ended.delete(log);
    this.logs.delete(log.sessionId);
    this.total.records -= log.length;
    this.total.bytes -= log.bytes;
    // Logs made from now on are no continuation of this one.
    this.generations.next(log.sessionId);
    this.onEvicted(log, reason);
  }
}
