import { Inject, Injectable, type MessageEvent } from '@nestjs/common';
import { Observable } from 'rxjs';
import { CaptureIterator } from './capture/capture-iterator.js';
import { Capture } from './capture/capture.js';
import { CapturedRun, type LangChainCallbacks } from './capture/langchain-callbacks.js';
import type { CaptureOutcome, ReplyParts } from './capture/reply.js';
import { ReplyRecorder } from './capture/reply-recorder.js';
import type { SessionWriter } from './capture/session-writer.interface.js';
import type { CaptureSource } from './capture/source-iterator.js';
import { currentSessionId } from './entry/current-session.js';
import type { Gap } from './entry/gap.js';
import { LogEntry, LogLine, type LogEntryInput, type SessionRecord } from './entry/log-entry.js';
import type { SessionEnd } from './entry/session-end.js';
import { checkSessionId } from './entry/session-id.js';
import { CentralQueue } from './queue/central-queue.js';
import { Distributor } from './queue/distributor.js';
import { Intake, type EndSessionOptions } from './queue/intake.js';
import { Redaction } from './queue/redaction.interface.js';
import { Router } from './queue/router.js';
import { SessionSignals } from './queue/session-signals.js';
import { SessionLoggerError } from './session-logger.errors.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from './options/resolve-options.js';
import { Reporter } from './session-logger.reporter.js';
import type { RecordSource } from './segments/record-source.js';
import { SegmentIterator } from './segments/segment-iterator.js';
import type { SessionSegmentEvent } from './segments/session-segment.js';
import type { SessionLoggerStats } from './session-logger.stats.js';
import { popEntries, type PopOptions } from './store/pop-iterator.js';
import {
  checkIteratorOptions,
  invalidReadOption,
  SessionIterator,
  type IteratorHooks,
  type IteratorOptions,
} from './store/session-iterator.js';
import { DeliveryMeter } from './telemetry/delivery-meter.js';
import {
  SessionStore,
  type ReadFrom,
  type SessionHistory,
  type SessionList,
  type SessionReader,
} from './store/session-store.interface.js';

/** Entries or sessions a page, where none are asked for, and at the most. */
const DEFAULT_PAGE = 100;
const MAX_PAGE = 1_000;

/** Where a reader starts, when it ends, and whom it tells what. */
export interface ReadOptions extends IteratorOptions {
  /**
   * `start`: the oldest retained entry; `now`: what is logged from the call on; a position: what follows
   * it. Default: after what `pop` took, or the oldest retained entry.
   */
  from?: ReadFrom | undefined;
}

/** Which part of a session is wanted. */
export interface HistoryOptions {
  /** Position behind which it begins. Default: at the oldest retained entry. */
  after?: string | undefined;
  /** Entries and ends, 1 to 1,000. Default 100. */
  limit?: number | undefined;
}

/** Which part of the list of sessions is wanted. */
export interface ListOptions {
  /** The `cursor` of the page before. Default: the first page. */
  cursor?: string | undefined;
  /** Sessions, 1 to 1,000; about so many are given. Default 100. */
  limit?: number | undefined;
}

/** Where one goes on in the segments of a session, and when one stops. */
export interface SegmentOptions extends Pick<IteratorOptions, 'timeout' | 'idleTimeout' | 'signal'> {
  /** The `id` of the event received last. Default: a snapshot comes first. */
  after?: string | undefined;
}

/** How a source is captured. */
export interface CaptureOptions {
  /** Stops the source, and ends the session as `cancelled`. `cancelSession` does so too. */
  signal?: AbortSignal | undefined;
  /** Whether the session ends as `completed` with the source. Default true; false where more of the reply follows. */
  end?: boolean | undefined;
  /** Whether the source's parts are given on: true makes it an iterator of them. Default false. */
  tee?: boolean | undefined;
}

/** Injection token of the service within its module: in an application of several loggers the class is one of them. */
export const OWN_SERVICE = Symbol('SessionLoggerOwnService');

/**
 * Logs to sessions and follows them. Inject it where you stream a model's output:
 *
 * ```ts
 * await this.logs.logChunkToQueue('Hello', 'chat-1');
 * for await (const message of this.logs.getSessionLogs('chat-1')) console.log(message);
 * ```
 */
@Injectable()
export class SessionLoggerService {
  /** The session whose signal is being aborted. */
  private cancelling: string | undefined;

  constructor(
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(CentralQueue) private readonly queue: CentralQueue,
    @Inject(Intake) private readonly intake: Intake,
    @Inject(Distributor) private readonly distributor: Distributor,
    @Inject(Router) private readonly router: Router,
    @Inject(SessionSignals) private readonly signals: SessionSignals,
    @Inject(DeliveryMeter) private readonly deliveries: DeliveryMeter,
    @Inject(Redaction) private readonly redaction: Redaction | undefined,
    @Inject(Reporter) private readonly reporter: Reporter,
  ) {}

  /** Sorted ids of the sessions that have entries in this process's memory. */
  get allSessionsInQueue(): string[] {
    return [...new Set(this.getAllLogsInQueue().map((entry) => entry.sessionId))].toSorted();
  }

  /** Ids of the session logs that exist in this process, those included that only wait for entries. */
  get allSessionsInQueues(): string[] {
    return this.store.sessions();
  }

  /**
   * Logs a chunk of a conversation. Resolves when it is accepted into the central queue; when that is full
   * it waits for room. Need not be awaited: a refusal is counted and reported, and never ends the process.
   *
   * @param message any text, empty included
   * @param sessionId 1 to 128 of `A-Z a-z 0-9 . _ ~ : @ -`, not `.` or `..`; default: the session of
   *   {@link runInSession} around the caller
   * @throws SessionLoggerError (as a rejection) `INVALID_…`, `QUEUE_FULL` or `CLOSED`
   */
  logChunkToQueue(message: string, sessionId?: string): Promise<void> {
    return this.intake.entry({ message, sessionId });
  }

  /** Logs a whole entry: {@link logChunkToQueue} with type, level, context, data and timestamp. */
  logEntryToQueue(input: LogEntryInput): Promise<void> {
    return this.intake.entry(input);
  }

  /**
   * Logs entries together, all or none. Resolves when they are in the central queue.
   *
   * @throws SessionLoggerError (as a rejection, which must be handled) `INVALID_…`, `QUEUE_FULL` where not all of them
   *   have room, or `CLOSED`
   */
  logEntriesToQueue(inputs: readonly LogEntryInput[]): Promise<void> {
    return this.intake.entries(inputs);
  }

  /**
   * Logs entries together, as {@link logEntriesToQueue}, and tells whether the store gets them.
   *
   * @returns once they are in the central queue; `stored` resolves, however long that takes, to whether the store has had
   *   all of them: false where it or a full queue has lost some
   * @throws SessionLoggerError (as a rejection) as {@link logEntriesToQueue}
   */
  async logEntriesToStore(inputs: readonly LogEntryInput[]): Promise<{ readonly stored: Promise<boolean> }> {
    const isOld = this.intake.mark();
    const accepted = this.intake.entries(inputs);
    // Handled below: what comes first must not leave it unhandled.
    accepted.catch(() => {});
    const sessionIds = new Set(inputs.map(({ sessionId }) => sessionId ?? currentSessionId()));
    for (const sessionId of sessionIds) if (sessionId !== undefined) this.redaction?.release(sessionId);
    const entries = this.queue.peek().filter((record) => !isOld(record));
    await accepted;
    return { stored: this.storesAll(entries).then((isDone) => isDone && entries.length === inputs.length) };
  }

  /**
   * Ends a session: readers that get there finish. Takes its place in the order like an entry; the next
   * entry reopens the session.
   *
   * @throws SessionLoggerError (as a rejection) `INVALID_SESSION_ID`, `INVALID_END`, `QUEUE_FULL` or `CLOSED`
   */
  endSession(sessionId: string, options?: EndSessionOptions): Promise<void> {
    const { accepted } = this.intake;
    const ended = this.intake.end(sessionId, options ?? {});
    if (this.intake.accepted > accepted) this.signals.renew(sessionId);
    return ended;
  }

  /**
   * Writes what a model streams into a session: its text and reasoning as chunks, with the tokens around them, and the calls
   * of tools, whose `toolCallId`, `toolName` and `input` are in `data`. The session ends with the source, as `completed`, as
   * `error` where it fails, or as `cancelled`. Readers never hold it up; {@link cancelSession} and `signal` stop it.
   *
   * ```ts
   * await this.logs.capture('chat-1', streamText({ model, prompt, abortSignal: this.logs.sessionSignal('chat-1') }).fullStream);
   * ```
   *
   * @param source what streams text or its bytes: an async iterable, a Node or a web stream; `fullStream` and `textStream`
   *   of the AI SDK; Chat Completions and Responses of OpenAI; Messages of Anthropic; `stream` and `streamEvents` of
   *   LangChain; or a promise of one
   * @returns how it ended, once the session has all of it; need not be awaited. With `tee: true` an iterator of the source's
   *   own parts, which is what reads the source then; whoever leaves it early leaves the source to the session
   * @throws SessionLoggerError `INVALID_SESSION_ID` or `INVALID_READ_OPTION`, at the call. What the source throws is told
   *   by the outcome, and thrown by the iterator of `tee`
   */
  capture<T>(
    sessionId: string,
    source: CaptureSource<T>,
    options: CaptureOptions & { tee: true },
  ): AsyncIterableIterator<T, undefined>;
  capture(
    sessionId: string,
    source: CaptureSource<unknown>,
    options?: CaptureOptions & { tee?: false },
  ): Promise<CaptureOutcome>;
  capture<T>(
    sessionId: string,
    source: CaptureSource<T>,
    { signal, end = true, tee = false }: CaptureOptions = {},
  ): AsyncIterableIterator<T, undefined> | Promise<CaptureOutcome> {
    const capture = new Capture(source, this.replyOf(sessionId, signal, end));
    if (tee) return new CaptureIterator(capture);
    void capture.run();
    return capture.outcome;
  }

  /**
   * Captures one run of LangChain, as {@link capture} does, by its callbacks: `chain.invoke(input, { callbacks: [these] })`.
   * The session ends with the outermost run. To stop that, hand {@link sessionSignal} to it.
   *
   * @throws SessionLoggerError `INVALID_SESSION_ID` or `INVALID_READ_OPTION`
   */
  captureCallbacks(
    sessionId: string,
    { signal, end = true }: Omit<CaptureOptions, 'tee'> = {},
  ): LangChainCallbacks {
    return new CapturedRun(this.replyOf(sessionId, signal, end));
  }

  /**
   * Stops whoever produces a session, as a user's stop button does: aborts its {@link sessionSignal}, with a
   * store that processes share in every process, and ends it as `cancelled`. A reader that goes away never
   * does that.
   *
   * @param reason what the signal's `reason` and the readers are told; default that it was cancelled
   * @throws SessionLoggerError (as a rejection) as {@link endSession}; the signal is aborted all the same
   */
  cancelSession(sessionId: string, reason?: string): Promise<void> {
    const outer = this.cancelling;
    this.cancelling = sessionId;
    this.signals.abort(sessionId, reason);
    this.cancelling = outer;
    return this.intake.end(sessionId, { reason: 'cancelled', error: reason });
  }

  /**
   * The signal for whoever produces the session: give it to the model's client. {@link cancelSession} aborts
   * it; each end is followed by another one, so ask for it at the beginning of each reply. The signals of the
   * `limits.sessions` sessions that asked last are remembered.
   *
   * @throws SessionLoggerError `INVALID_SESSION_ID`
   */
  sessionSignal(sessionId: string): AbortSignal {
    checkSessionId(sessionId);
    return this.signals.of(sessionId);
  }

  /**
   * A part of a session, without following it: what the store retains, whichever process logged it. Go on with
   * `after: position` while there is `more`.
   *
   * @throws SessionLoggerError `INVALID_SESSION_ID`, `INVALID_POSITION`, `INVALID_READ_OPTION` or `STORE_UNAVAILABLE`
   */
  async getSessionHistory(
    sessionId: string,
    { after, limit = DEFAULT_PAGE }: HistoryOptions = {},
  ): Promise<SessionHistory> {
    checkSessionId(sessionId);
    checkFrom('after', after);
    checkLimit(limit);
    return this.store.history(sessionId, after, limit);
  }

  /**
   * The sessions that have entries, whichever process logged them. Go on with `cursor` while there is one; a
   * session that comes or goes meanwhile may be left out.
   *
   * @throws SessionLoggerError `INVALID_READ_OPTION` or `STORE_UNAVAILABLE`
   */
  async listSessions({ cursor, limit = DEFAULT_PAGE }: ListOptions = {}): Promise<SessionList> {
    if (cursor !== undefined && typeof cursor !== 'string') {
      throw invalidReadOption('cursor', 'the `cursor` of the page before');
    }
    checkLimit(limit);
    return this.store.list(cursor, limit);
  }

  /**
   * Removes what was logged to a session before the call, from memory and store; its readers are told an end with the
   * reason `deleted`. What is logged meanwhile or later begins a new log. Who produces the session is not stopped:
   * {@link cancelSession} does that. A session that there is not is no error.
   *
   * @param options `files: true` removes its lines from the daily files, too, and asks the sinks that can `erase`.
   *   Lines that are logged while they are gone through may go with the others. Other machines are not reached
   * @throws SessionLoggerError (as a rejection) `INVALID_SESSION_ID`; `INVALID_OPTIONS` where `files.format` is not
   *   `json`; `STORE_UNAVAILABLE`; `ERASURE_FAILED`, whereupon it can be called again
   */
  async deleteSession(sessionId: string, { files = false }: { files?: boolean } = {}): Promise<void> {
    checkSessionId(sessionId);
    if (files) checkErasable(this.options.files);
    const { flushTimeout } = this.options.limits;
    this.redaction?.release(sessionId);
    await this.distributor.drain({ held: false });
    await this.router.settled(flushTimeout, files);
    await this.store.remove(sessionId);
    this.redaction?.forget(sessionId);
    if (files) await this.router.erase(sessionId);
  }

  /** A copy of all entries held in this process's memory, in the order in which they were accepted. */
  getAllLogsInQueue(): LogEntry[] {
    const queued = this.queue.peek().filter(isStored);
    return [...this.store.entries(), ...queued].toSorted((a, b) => serialOf(a) - serialOf(b));
  }

  /**
   * Moves entries from the central queue to session logs and sinks. The module does so in the background
   * unless `autoStart` is false.
   *
   * @param options `finite: true` resolves once all that was logged before is distributed, and the store has it
   *   where it can take it within `limits.flushTimeout`; otherwise it goes on until shutdown, and a second such
   *   call joins the first. `held: false` leaves out what {@link isHeld | redaction holds back}
   */
  async distribute(options: { finite?: boolean; held?: boolean } = {}): Promise<void> {
    const { finite = false, held = true } = options;
    if (!finite) return this.distributor.run();
    await this.distributor.drain({ held });
    await this.router.stored(this.options.limits.flushTimeout);
  }

  /**
   * Whether something that was logged to a session is held back at present, as it may become a secret that
   * `redact.patterns` is to mask. An end, {@link flush} and {@link distribute | a finite distribution} let it go.
   */
  isHeld(sessionId: string): boolean {
    return this.redaction?.isHolding(sessionId) ?? false;
  }

  /**
   * Follows a session: its messages so far, then live. Creates the session log where there is none. Ends
   * with the session, by an option, or by `return()` (which `break` calls), each at once.
   *
   * @throws SessionLoggerError `INVALID_SESSION_ID`, `INVALID_POSITION` or `INVALID_READ_OPTION`, at the call
   */
  getSessionLogs(sessionId: string, options: ReadOptions = {}): AsyncIterableIterator<string, undefined> {
    return this.follow(sessionId, options, { select: (entry) => entry.message });
  }

  /** Like {@link getSessionLogs}, yielding whole entries. Do not change them: they are shared. */
  getSessionEntries(
    sessionId: string,
    options: ReadOptions = {},
  ): AsyncIterableIterator<LogEntry, undefined> {
    return this.follow(sessionId, options, { select: (entry) => entry });
  }

  /**
   * Follows a session as one shows it: its text, reasoning, tools and log lines as segments that start, grow and end. First
   * a snapshot of those there are, then each change; ends with the session, whose end is told as `finish`.
   *
   * @param options `after`: the `id` of an event, behind which it goes on without a snapshot, unless the beginning of the
   *   session has gone; what can no longer be given is told as a `gap`, and a snapshot follows. `timeout`, `idleTimeout` and
   *   `signal` as for {@link getSessionLogs}
   * @throws SessionLoggerError `INVALID_SESSION_ID`, `INVALID_POSITION` or `INVALID_READ_OPTION`, at the call; as a
   *   rejection `STORE_UNAVAILABLE`
   */
  getSessionSegments(
    sessionId: string,
    { after, ...options }: SegmentOptions = {},
  ): AsyncIterableIterator<SessionSegmentEvent, undefined> {
    checkReading(sessionId, options);
    checkFrom('after', after);
    const source: RecordSource = {
      read: async (from, limit) => this.store.history(sessionId, from, limit),
      follow: (from, to) =>
        this.follow(
          sessionId,
          { ...options, from, onGap: (gap) => to.gap(gap) },
          {
            select: (entry) => to.record(entry),
            passed: (end) => to.record(end),
            ended: (end) => to.record(end),
          },
        ),
    };
    return new SegmentIterator(source, this.options.tokens, after);
  }

  /**
   * A session for an `@Sse()` route of your own: entries with their positions as ids, `gap` and `end`
   * events. Never errors. Starts when subscribed. It has no backpressure, unlike the built-in endpoint.
   *
   * @throws SessionLoggerError `INVALID_SESSION_ID`, `INVALID_POSITION` or `INVALID_READ_OPTION`, at the call
   */
  observeSession(sessionId: string, options: ReadOptions = {}): Observable<MessageEvent> {
    checkReading(sessionId, options);
    return new Observable((subscriber) => {
      const onGap = (gap: Gap): void => {
        subscriber.next({ type: 'gap', id: gap.resumedAt, data: gap });
        options.onGap?.(gap);
      };
      const events = this.follow<MessageEvent>(
        sessionId,
        { ...options, onGap, throwOnError: false },
        {
          select: (entry) => ({ id: entry.id!, data: entry }),
          ended: (end) => subscriber.next({ type: 'end', id: end.id!, data: describeEnd(end) }),
        },
      );
      void forEach(events, (event) => subscriber.next(event)).then(
        () => subscriber.complete(),
        (error: unknown) => {
          this.reporter.warn('observe', 'A subscriber of observeSession threw; its stream was closed', error);
          subscriber.complete();
        },
      );
      return () => void events.return?.();
    });
  }

  /**
   * Takes a session's entries out, oldest first, each at most once over all callers, up to and including
   * the message in which the reasoning stop token is completed, or the session's end. Callers of one
   * session take turns. Other readers, files and SSE clients still get everything; readers that start
   * later without `from` start behind what was taken.
   *
   * @throws SessionLoggerError `INVALID_SESSION_ID` or `INVALID_READ_OPTION`, at the call
   */
  pop(sessionId: string, options: PopOptions = {}): AsyncIterableIterator<string, undefined> {
    checkSessionId(sessionId);
    checkIteratorOptions(options);
    const release = this.distributor.drive();
    return popEntries(this.store, sessionId, this.options.tokens.reasoningStop, options, {
      closed: release,
      failed: this.onGapFailed,
    });
  }

  /**
   * Distributes all that was logged before and waits until every sink has written it.
   *
   * @throws SessionLoggerError `FLUSH_FAILED` when a sink lost entries since the last flush or took longer
   *   than `limits.flushTimeout`; `details` has counts by sink
   */
  flush(): Promise<void> {
    const flushed = this.distributor.drain().then(() => this.router.flush(this.options.limits.flushTimeout));
    // One who does not await must not take the process down; the loss itself was reported.
    flushed.catch(() => {});
    return flushed;
  }

  /** Whether the store and every sink take what they are given, and none of their queues is over half full. */
  isHealthy(): boolean {
    return this.router.healthy;
  }

  /** Counters and what is held now. */
  stats(): SessionLoggerStats {
    const { sessions, readers, entries, bytes } = this.store.stats();
    const { length, bytes: queued, waiting, dropped } = this.queue;
    return {
      accepted: this.intake.accepted,
      refused: this.intake.refused,
      distributed: this.distributor.count,
      ...this.router.stats(),
      sessions,
      readers,
      retained: { entries, bytes },
      queue: { entries: length, bytes: queued, waiting, dropped },
      redaction: this.redaction?.counts ?? { held: 0, masked: 0 },
      healthy: this.isHealthy(),
      troubles: this.reporter.counts(),
    };
  }

  private replyOf(sessionId: string, stopped: AbortSignal | undefined, endsSession: boolean): ReplyParts {
    checkSessionId(sessionId);
    checkIteratorOptions({ signal: stopped });
    const writer: SessionWriter = {
      chat: (message, data) => this.intake.entry({ message, sessionId, data }),
      log: (input) => this.intake.entry({ ...input, sessionId }),
      end: (how) => this.endSession(sessionId, how),
      isCancelling: () => this.cancelling === sessionId,
    };
    const recorder = new ReplyRecorder(writer, this.options.tokens, this.options.limits.messageBytes);
    return { writer, recorder, endsSession, cancelled: this.signals.of(sessionId), stopped };
  }

  /** A store gives each record that it takes an id. */
  private async storesAll(records: readonly SessionRecord[]): Promise<boolean> {
    await this.distributor.drain({ held: false });
    await this.router.stored();
    return records.every(({ id }) => id !== undefined);
  }

  private follow<T>(
    sessionId: string,
    options: ReadOptions,
    hooks: Pick<IteratorHooks<T>, 'select' | 'passed' | 'ended'>,
  ): SessionIterator<T> {
    checkReading(sessionId, options);
    const isOld = options.from === 'now' ? this.intake.mark() : undefined;
    const opening = this.store.open(sessionId, options.from);
    const metered = (reader: SessionReader): SessionReader => this.deliveries.of(reader);
    const reader = opening instanceof Promise ? opening.then(metered) : metered(opening);
    return new SessionIterator(reader, options, { ...hooks, isOld, failed: this.onGapFailed });
  }

  private readonly onGapFailed = (error: unknown): void => {
    this.reporter.warn('onGap', 'An onGap callback threw; reading goes on', error);
  };
}

/** Whether a session log is going to hold it as an entry. */
function isStored(record: SessionRecord): record is LogEntry {
  return record instanceof LogEntry && !(record instanceof LogLine);
}

/** What clients are told of an end. */
export function describeEnd({ reason, error }: SessionEnd): { reason: string; error?: string } {
  return error === undefined ? { reason } : { reason, error };
}

function checkReading(sessionId: string, options: ReadOptions): void {
  checkSessionId(sessionId);
  checkIteratorOptions(options);
  checkFrom('from', options.from);
}

function checkFrom(option: string, value: unknown): void {
  if (value === undefined || typeof value === 'string') return;
  throw new SessionLoggerError(
    'INVALID_POSITION',
    `${option} is a value of type ${typeof value}; expected 'start', 'now' or a position (the id of an entry).`,
  );
}

function checkLimit(limit: unknown): void {
  if (Number.isInteger(limit) && (limit as number) >= 1 && (limit as number) <= MAX_PAGE) return;
  throw invalidReadOption('limit', `a whole number from 1 to ${MAX_PAGE}`);
}

/** Lines of other formats do not tell whose they are. */
function checkErasable(files: ResolvedOptions['files']): void {
  if (files === false || files.format === 'json') return;
  throw new SessionLoggerError(
    'INVALID_OPTIONS',
    'deleteSession: files: true needs log files of format json, as lines of other formats do not tell whose they are. ' +
      "Nothing was deleted. Set files.format to 'json', or leave files out here and remove the files yourself.",
    { details: { option: 'files.format' } },
  );
}

async function forEach<T>(items: AsyncIterable<T>, visit: (item: T) => void): Promise<void> {
  for await (const item of items) visit(item);
}

/** The number in `<process>-<n>`. */
function serialOf({ uid }: LogEntry): number {
  return Number(uid.slice(uid.indexOf('-') + 1));
}
