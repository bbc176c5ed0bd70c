import { randomBytes } from 'node:crypto';
import { acceptEntry } from '../entry/accept-entry.js';
import { acceptLine, type LineInput } from '../entry/accept-line.js';
import { LogEntry, LogLine, type LogEntryInput, type SessionRecord } from '../entry/log-entry.js';
import { END_REASONS, SessionEnd, type EndReason } from '../entry/session-end.js';
import { checkSessionId } from '../entry/session-id.js';
import { messageOf, SessionLoggerError } from '../session-logger.errors.js';
import type { EndedSessions } from './ended-sessions.js';
import { FairTurn } from './fair-turn.js';
import type { RecordQueue } from './record-queue.interface.js';
import type { Redaction } from './redaction.interface.js';

/** How a session is ended. */
export interface EndSessionOptions {
  /** What failed: an error or a text. Readers are given its message, never its stack. */
  error?: unknown;
  /** Default `error` where there is one, else `completed`. */
  reason?: Exclude<EndReason, 'deleted'> | undefined;
}

/** Names a trace and a span: 32 and 16 hexadecimal digits. */
export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/** Makes records of what callers give, and puts them into the central queue. */
export class Intake {
  private readonly uidPrefix = randomBytes(4).toString('hex') + '-';
  private readonly fairTurn = new FairTurn();
  private readonly counts = { accepted: 0, refused: 0 };
  private serial = 0;
  private clock = { time: 0, iso: '' };
  private late: ((record: SessionRecord) => boolean) | undefined;
  private readonly queue: RecordQueue;
  private readonly maxMessageBytes: number;

  constructor(
    queue: RecordQueue,
    private readonly ended: EndedSessions,
    maxMessageBytes: number,
    private readonly onRefusal: (error: unknown) => void,
    private readonly activeSpan: () => SpanIds | undefined = () => undefined,
    private readonly redaction?: Redaction,
  ) {
    this.queue = redaction ?? queue;
    this.maxMessageBytes = maxMessageBytes + (redaction?.lookAheadBytes ?? 0);
  }

  get accepted(): number {
    return this.counts.accepted;
  }

  get refused(): number {
    return this.counts.refused;
  }

  /** Accepts an entry. Resolves when it is in the central queue. */
  entry(input: LogEntryInput): Promise<void> {
    const time = Date.now();
    try {
      return this.put(this.accept(input, time), time);
    } catch (error) {
      return this.refuse(error, time);
    }
  }

  /**
   * Accepts all entries or none. Resolves when they are in the central queue.
   *
   * @throws SessionLoggerError `INVALID_…`, `QUEUE_FULL` or `CLOSED`, as a rejection, which must be handled
   */
  async entries(inputs: readonly LogEntryInput[]): Promise<void> {
    const time = Date.now();
    const entries = inputs.map((input) => this.accept(input, time));
    if (this.late !== undefined) throw closed();
    const waiting = this.queue.pushAll(entries);
    for (const entry of entries) this.count(entry);
    await waiting;
  }

  /** Accepts a line of the application, and gives it. Never throws: one that is refused is counted and told. */
  line(input: LineInput): LogEntry {
    const line = this.makeLine(input);
    const time = Date.now();
    try {
      void this.put(line, time);
    } catch (error) {
      void this.refuse(error, time);
    }
    return line;
  }

  /** Makes a line that is only to be shown. */
  makeLine(input: LineInput): LogEntry {
    // A line about a session that is over, such as how long it took, is none of its readers' and does not reopen it.
    const isShared = input.isShared && !this.ended.has(input.sessionId ?? '');
    const now = this.isoOf(Date.now());
    const line = acceptLine({ ...input, isShared }, this.nextUid(), now, this.maxMessageBytes);
    this.redaction?.mask(line);
    return this.inSpan(line);
  }

  /** Accepts an end. Resolves when it is in the central queue. */
  end(sessionId: string, options: EndSessionOptions): Promise<void> {
    const time = Date.now();
    try {
      const end = makeEnd(sessionId, options, this.nextUid(), this.isoOf(time));
      this.redaction?.mask(end);
      return this.put(end, time);
    } catch (error) {
      return this.refuse(error, time);
    }
  }

  /** Tells records accepted before this call from later ones. */
  mark(): (record: SessionRecord) => boolean {
    const { uidPrefix, serial } = this;
    return ({ uid }) => uid.startsWith(uidPrefix) && Number(uid.slice(uidPrefix.length)) <= serial;
  }

  /** From now on nothing goes into the queue; refuses what `late` does not take. */
  close(late: (record: SessionRecord) => boolean): void {
    this.late = late;
  }

  private accept(input: LogEntryInput, time: number): LogEntry {
    const entry = acceptEntry(input, this.nextUid(), this.isoOf(time), this.maxMessageBytes);
    this.redaction?.mask(entry);
    return entry.logType === 'log' ? this.inSpan(entry) : entry;
  }

  private inSpan(entry: LogEntry): LogEntry {
    const span = this.activeSpan();
    return span === undefined ? entry : Object.assign(entry, { traceId: span.traceId, spanId: span.spanId });
  }

  private put(record: SessionRecord, time: number): Promise<void> {
    if (this.late !== undefined) return this.putLate(record, this.late);
    const waiting = this.queue.push(record);
    this.count(record);
    return waiting ?? this.fairTurn.next(time);
  }

  private putLate(record: SessionRecord, late: (record: SessionRecord) => boolean): Promise<void> {
    const records = this.redaction?.maskLate(record) ?? [record];
    if (!records.every(late)) throw closed();
    this.count(record);
    return Promise.resolve();
  }

  private count(record: SessionRecord): void {
    this.counts.accepted++;
    if (!(record instanceof LogEntry)) this.ended.ended(record.sessionId);
    else if (!(record instanceof LogLine)) this.ended.reopened(record.sessionId);
  }

  private nextUid(): string {
    this.serial++;
    return this.uidPrefix + this.serial;
  }

  private refuse(error: unknown, time: number): Promise<void> {
    this.counts.refused++;
    this.onRefusal(error);
    // After a fair turn, so that a caller who tries again and again lets the queue be drained.
    const refusal = this.fairTurn.next(time).then(() => Promise.reject<void>(error));
    // A caller that does not await must not take the process down by an unhandled rejection.
    refusal.catch(() => {});
    return refusal;
  }

  private isoOf(time: number): string {
    if (time !== this.clock.time) this.clock = { time, iso: new Date(time).toISOString() };
    return this.clock.iso;
  }
}

function makeEnd(sessionId: string, options: EndSessionOptions, uid: string, now: string): SessionEnd {
  checkSessionId(sessionId);
  const { error = null, reason } = options;
  const how = reason ?? (error === null ? 'completed' : 'error');
  if (!END_REASONS.includes(how)) throw invalidReason(how);
  return new SessionEnd(
    uid,
    sessionId,
    now,
    how,
    error === null ? undefined : messageOf(error).toWellFormed(),
  );
}

function invalidReason(reason: unknown): SessionLoggerError {
  return new SessionLoggerError(
    'INVALID_END',
    `endSession: reason is ${JSON.stringify(reason)}; expected one of ${END_REASONS.join(', ')}. The session goes on.`,
  );
}

function closed(): SessionLoggerError {
  return new SessionLoggerError(
    'CLOSED',
    'The session logger has shut down with its application, and no sink takes entries any more; it was not accepted. Log earlier.',
  );
}
