import { setMaxListeners } from 'node:events';
import type { Gap } from '../entry/gap.js';
import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import type { SessionEnd } from '../entry/session-end.js';
import { messageOf, SessionLoggerError } from '../session-logger.errors.js';
import type { SessionReader } from './session-store.interface.js';

/** When an iterator ends besides at the session's end, and whom it tells what. */
export interface IteratorOptions {
  /** Milliseconds after which it ends, counted from the call. Default: never. */
  timeout?: number | undefined;
  /** Milliseconds without an entry after which it ends. Default: never. */
  idleTimeout?: number | undefined;
  /** Ends it at once, quietly, also while a `next()` is pending. */
  signal?: AbortSignal | undefined;
  /** Told of entries that can no longer be given, before the next one that can. */
  onGap?: ((gap: Gap) => void) | undefined;
  /** At an end with reason `error`: throw `SESSION_FAILED`. Default false: finish. */
  throwOnError?: boolean | undefined;
}

/** How the owner of an iterator takes part in it. */
export interface IteratorHooks<T> {
  /** What is yielded for an entry. */
  select(entry: LogEntry): T;
  /** Called as each record is handed out; true makes it the last, also where more follows. */
  taken?(record: SessionRecord): boolean;
  /** Told of a gap, before `onGap`. */
  gap?(): void;
  /** Records to pass over, asked until it says no: they were logged before a reader that starts now. */
  isOld?: ((record: SessionRecord) => boolean) | undefined;
  /** Called with an end that more follows. */
  passed?(end: SessionEnd): void;
  /** Called when the session's end finishes the iteration. */
  ended?(end: SessionEnd): void;
  /** Called once, when the iteration is over for whatever reason. */
  closed?(): void;
  /** Called with what a callback of the user's threw. */
  failed(error: unknown): void;
}

const NONE: readonly SessionRecord[] = [];
const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * Follows a reader as an async iterator. Written by hand because `return()` of a native async generator
 * waits behind a pending `next()`; here `return()`, the signal and the timeouts settle it at once.
 */
export class SessionIterator<T> implements AsyncIterableIterator<T, undefined> {
  private reader: SessionReader | undefined;
  private records: readonly SessionRecord[] = [];
  private index = 0;
  private done = false;
  private idle = false;
  private failure: Error | undefined;
  private isOld: IteratorHooks<T>['isOld'];
  private isBehindOldEnd = false;
  /** What a pending `next()` was answered with; further ones line up behind it. */
  private pending: Promise<IteratorResult<T, undefined>> | undefined;
  private resolve: ((result: IteratorResult<T, undefined>) => void) | undefined;
  private reject: ((error: unknown) => void) | undefined;
  private readonly timer: NodeJS.Timeout | undefined;
  private readonly idleTimer: NodeJS.Timeout | undefined;

  /** @param source the reader, or a promise of it; the iterator closes it in the end */
  constructor(
    source: SessionReader | Promise<SessionReader>,
    private readonly options: IteratorOptions,
    private readonly hooks: IteratorHooks<T>,
  ) {
    const { timeout = Infinity, idleTimeout = Infinity, signal } = options;
    this.isOld = hooks.isOld;
    if (timeout !== Infinity) this.timer = setTimeout(this.finish, timeout);
    if (idleTimeout !== Infinity) this.idleTimer = setTimeout(this.becomeIdle, idleTimeout);
    if (signal !== undefined) this.heed(signal);
    if (source instanceof Promise) source.then(this.start, this.fail);
    else this.start(source);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.pending !== undefined) return this.pending.then(this.nextInLine, this.nextInLine);
    try {
      const result = this.pull();
      if (result !== undefined) return Promise.resolve(result);
    } catch (error) {
      return Promise.reject(error);
    }
    this.pending = new Promise(this.park);
    this.reader?.wait(this.serve);
    return this.pending;
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.finish();
    return Promise.resolve(DONE);
  }

  throw(error: unknown): Promise<IteratorResult<T, undefined>> {
    this.finish();
    return Promise.reject(error);
  }

  private readonly start = (reader: SessionReader): void => {
    this.reader = reader;
    if (this.done) reader.close();
    else this.serve();
  };

  private readonly nextInLine = (): Promise<IteratorResult<T, undefined>> => this.next();

  private readonly park = (
    resolve: (result: IteratorResult<T, undefined>) => void,
    reject: (error: unknown) => void,
  ): void => {
    this.resolve = resolve;
    this.reject = reject;
  };

  /** Answers the `next()` that waits, if there is something to answer. */
  private readonly serve = (): void => {
    const { pending, resolve, reject } = this;
    if (pending === undefined) return;
    // Taken back only below: finish() would answer it with the end in place of the last entry.
    this.pending = undefined;
    try {
      const result = this.pull();
      if (result !== undefined) return resolve?.(result);
    } catch (error) {
      return reject?.(error);
    }
    this.pending = pending;
    this.reader?.wait(this.serve);
  };

  /** The next result, or undefined where there is none yet. */
  private pull(): IteratorResult<T, undefined> | undefined {
    while (!this.done) {
      const record = this.records[this.index] ?? this.refill();
      if (record === undefined) break;
      this.index++;
      if (this.isOld !== undefined && this.passOver(record)) continue;
      const isLast = this.hooks.taken?.(record) === true;
      if (record instanceof LogEntry) return this.yield(record, isLast);
      if (isLast || this.isAtEnd()) this.endWith(record);
      else this.hooks.passed?.(record);
    }
    this.throwFailure();
    return this.done ? DONE : undefined;
  }

  private yield(entry: LogEntry, isLast: boolean): IteratorResult<T, undefined> {
    this.idle = false;
    this.idleTimer?.refresh();
    if (isLast) this.finish();
    return { done: false, value: this.hooks.select(entry) };
  }

  /** Reads on; finishes where nothing can come any more. */
  private refill(): SessionRecord | undefined {
    const { reader } = this;
    if (reader === undefined) return undefined;
    const isBehindEnd = reader.ended && this.hooks.taken === undefined && !this.isBehindOldEnd;
    this.records = this.readOn(reader) ?? NONE;
    this.index = 0;
    if (reader.gap !== undefined && this.records !== NONE) this.tellGap(reader.gap);
    const first = this.records[0];
    if (first === undefined && (reader.closed || isBehindEnd || this.idle)) this.finish();
    return first;
  }

  /** Who iterates by `for await` does not come back after a rejection: the reader is closed here. */
  private readOn(reader: SessionReader): readonly SessionRecord[] | undefined {
    try {
      return reader.read();
    } catch (error) {
      this.finish();
      throw error;
    }
  }

  private isAtEnd(): boolean {
    return this.index === this.records.length && this.reader?.ended === true;
  }

  private passOver(record: SessionRecord): boolean {
    const isOld = this.isOld?.(record) === true;
    if (!isOld) this.isOld = undefined;
    this.isBehindOldEnd = isOld;
    return isOld;
  }

  private heed(signal: AbortSignal): void {
    // Node warns of a leak from 11 listeners on; here one signal may well end thousands of readers.
    setMaxListeners(0, signal);
    if (signal.aborted) this.finish();
    else signal.addEventListener('abort', this.finish, { once: true });
  }

  private tellGap(gap: Gap): void {
    this.hooks.gap?.();
    try {
      this.options.onGap?.(gap);
    } catch (error) {
      this.hooks.failed(error);
    }
  }

  private endWith(end: SessionEnd): void {
    this.hooks.ended?.(end);
    this.finish();
    if (end.reason === 'error' && this.options.throwOnError === true) throw sessionFailed(end);
  }

  private readonly fail = (error: unknown): void => {
    if (this.done) return;
    this.failure = error instanceof Error ? error : new Error(messageOf(error));
    this.done = true;
    this.serve();
    this.release();
  };

  private throwFailure(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
  }

  /** An idle reader that waits is done; one that is busy is done when it comes back and finds nothing. */
  private readonly becomeIdle = (): void => {
    this.idle = true;
    if (this.pending !== undefined) this.finish();
  };

  private readonly finish = (): void => {
    if (this.done) return;
    this.done = true;
    this.release();
    if (this.pending === undefined) return;
    this.pending = undefined;
    this.resolve?.(DONE);
  };

  private release(): void {
    clearTimeout(this.timer);
    clearTimeout(this.idleTimer);
    this.options.signal?.removeEventListener('abort', this.finish);
    this.reader?.close();
    this.hooks.closed?.();
  }
}

function sessionFailed(end: SessionEnd): SessionLoggerError {
  return new SessionLoggerError(
    'SESSION_FAILED',
    `Session ${end.sessionId} ended with an error: ${end.error ?? 'no reason given'}`,
    { details: { sessionId: end.sessionId, id: end.id } },
  );
}

/**
 * Checks what a caller asks of an iterator.
 *
 * @throws SessionLoggerError `INVALID_READ_OPTION`, which names the option
 */
export function checkIteratorOptions({ timeout, idleTimeout, signal, onGap }: IteratorOptions): void {
  checkDelay('timeout', timeout);
  checkDelay('idleTimeout', idleTimeout);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidReadOption('signal', 'an AbortSignal (the `signal` of an AbortController)');
  }
  if (onGap !== undefined && typeof onGap !== 'function')
    throw invalidReadOption('onGap', 'a function (gap) => void');
}

function checkDelay(option: string, value: unknown): void {
  if (value === undefined || value === Infinity) return;
  // Node fires a timer that is longer than 2^31 - 1 ms at once.
  if (typeof value === 'number' && value >= 0 && value < 2 ** 31) return;
  throw invalidReadOption(option, 'milliseconds from 0 to 2,147,483,647, or Infinity for never');
}

/** The error for a reading option that breaks its rule. */
export function invalidReadOption(option: string, expected: string): SessionLoggerError {
  return new SessionLoggerError(
    'INVALID_READ_OPTION',
    `Reading option ${option} is wrong; expected ${expected}. Correct it, or leave it out.`,
    { details: { option } },
  );
}
