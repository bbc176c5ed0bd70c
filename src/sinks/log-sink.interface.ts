import type { LogEntry } from '../entry/log-entry.js';

/** Injection token of the sinks in use, an array. */
export const LogSink = Symbol('LogSink');

/**
 * Port: where distributed entries are also written. Each sink has a bounded queue of its own: one that is
 * slow, hangs or throws holds up nobody else; what it could not take is counted in `stats()`.
 */
export interface LogSink {
  /** Unique among the sinks; names it in `stats()`, events and errors. */
  readonly name: string;
  /** Called once, when the application starts, before anything is written. Where it throws, `onSinkFailure` decides. */
  start?(): void | PromiseLike<unknown>;
  /**
   * Takes a batch, in order; do not keep or change the array. The next comes when the promise settles. Where it
   * rejects, the batch counts as failed, less the `details.written` of a SessionLoggerError `WRITE_FAILED`.
   */
  write(entries: readonly LogEntry[]): void | PromiseLike<unknown>;
  /**
   * Why nothing can be written at present, where the sink keeps what it was given and tries again by itself;
   * undefined while all is well. Makes `isHealthy()` false and `flush()` reject.
   */
  readonly failure?: unknown;
  /**
   * Writes before it returns. Called when the process ends before it could write, and for what is logged
   * after the application has closed; throws where that is not possible. Without it such entries are lost.
   */
  writeSync?(entries: readonly LogEntry[]): void;
  /** Told before the next `write`: so many entries were dropped before it, as the sink's queue was full. */
  dropped?(count: number): void;
  /** Resolves when all that was written is where it belongs. */
  flush?(): void | PromiseLike<unknown>;
  /**
   * Removes all that was written of a session, and nothing else, where the session is deleted with its files. A sink
   * without it is not asked.
   */
  erase?(sessionId: string): void | PromiseLike<unknown>;
  /** Releases files and handles; nothing is written afterwards. */
  close?(): void | PromiseLike<unknown>;
}
