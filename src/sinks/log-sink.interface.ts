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
  /** Takes a batch, in order; do not keep or change the array. The next comes when the promise settles. */
  write(entries: readonly LogEntry[]): void | PromiseLike<unknown>;
  /** Resolves when all that was written is where it belongs. */
  flush?(): void | PromiseLike<unknown>;
  /** Releases files and handles; nothing is written afterwards. */
  close?(): void | PromiseLike<unknown>;
}
