import type { Gap } from '../entry/gap.js';
import type { LogEntry, SessionRecord } from '../entry/log-entry.js';

/**
 * Where a reader starts: at the oldest retained record, after the newest, or after a position. A text
 * that is no usable position is answered by a gap and reading from the oldest retained record.
 */
export type ReadFrom = 'start' | 'now' | (string & {});

/** A cursor over one session log. Readers pull; nothing is queued per reader. */
export interface SessionReader {
  /** Where the reader stands: the position of the record read last. */
  readonly position: string;
  /** Everything is read and the last thing in the log is an end. */
  readonly ended: boolean;
  /** The reader or its store has been closed: once all is read, nothing will come any more. */
  readonly closed: boolean;
  /** What is missing before the records read last. */
  readonly gap: Gap | undefined;
  /**
   * The next records in order, or undefined where there are none now; none but a {@link gap} is possible.
   * Moves the reader behind them. Readers that stand at the same position are given the same array.
   */
  read(): readonly SessionRecord[] | undefined;
  /** Calls `listener` once, when there may be more to read or the reader has been closed. */
  wait(listener: () => void): void;
  close(): void;
}

/** The turn of one caller at taking a session's entries out. Others wait for it to be released. */
export interface PopTurn {
  /** Reads from the session's mark on. */
  readonly reader: SessionReader;
  /** The text before the mark that may be the beginning of a token. */
  readonly carry: string;
  /** Moves the mark behind `record`. */
  taken(record: SessionRecord, carry: string): void;
  /** Ends the turn and closes its reader. */
  release(): void;
}

/** Why a session log was removed: to keep within the bounds of number or bytes, or by its age. */
export type EvictionReason = 'bounds' | 'idle' | 'ended';

/** What a store tells of its sessions. */
export interface SessionStoreListener {
  /** A session log got its first record, or its first after an end (`reopened`). */
  opened(sessionId: string, reopened: boolean): void;
  /** A session log was removed to keep the store within its bounds. */
  evicted(sessionId: string, records: number, reason: EvictionReason): void;
}

/** Figures about what a store holds in this process. */
export interface SessionStoreStats {
  readonly sessions: number;
  readonly readers: number;
  readonly entries: number;
  readonly bytes: number;
}

/** Injection token of the store in use. */
export const SessionStore = Symbol('SessionStore');

/** Port: where session logs live. It numbers records, keeps them within bounds and serves readers. */
export interface SessionStore {
  /** Says who wants to know about sessions. Called once, before anything else. */
  start(listener: SessionStoreListener): void | Promise<void>;
  /** Appends a batch of any sessions' records in order, gives each its `id` and tells readers. */
  append(records: readonly SessionRecord[]): void | Promise<void>;
  /**
   * Opens a reader, creating the session log where there is none; without `from` after what was popped.
   *
   * @throws SessionLoggerError `TOO_MANY_READERS`
   */
  open(sessionId: string, from?: ReadFrom): SessionReader | Promise<SessionReader>;
  /**
   * Waits for the caller's turn to take entries out of a session. Rejects when `signal` aborts; resolves
   * with a closed reader when the store closes.
   */
  takeTurn(sessionId: string, signal?: AbortSignal): Promise<PopTurn>;
  /** Ids of the session logs that exist in this process. */
  sessions(): string[];
  /** The entries held in this process, each session's in order. */
  entries(): LogEntry[];
  stats(): SessionStoreStats;
  /** Ends all readers once they have read what there is, and those that wait for a turn at once. */
  closeReaders(): void;
  /** Releases connections; nothing is asked afterwards. */
  close?(): void | Promise<void>;
}
