import type { Gap } from '../entry/gap.js';
import type { LogEntry, SessionRecord } from '../entry/log-entry.js';
import type { EndReason } from '../entry/session-end.js';

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

/** Why a session log was removed: to keep within the bounds of number or bytes, by its age, or as somebody deleted it. */
export type EvictionReason = 'bounds' | 'idle' | 'ended' | 'deleted';

/** Bounds that a store keeps. */
export interface SessionStoreLimits {
  /** Records kept of one session. */
  sessionEntries: number;
  /** Bytes kept of one session, by estimate; the newest record is kept whatever its size. */
  sessionBytes: number;
  /** Session logs kept in this process; beyond it the longest idle one without readers goes. */
  sessions: number;
  /** Bytes kept over all sessions in this process, by estimate; beyond it the longest idle session goes. */
  totalBytes: number;
  /**
   * Milliseconds: a session without readers goes when nothing was logged to it or read from it for so long. False: never.
   */
  sessionIdle: number | false;
  /** The same for a session that has ended. False: as others. */
  sessionEnded: number | false;
  /**
   * Readers open at once, calls that wait for their turn to pop among them. SSE clients beyond it are told to come back,
   * others get `TOO_MANY_READERS`.
   */
  readers: number;
  /** The same of one session. */
  readersPerSession: number;
}

/** A part of a session's log. */
export interface SessionHistory {
  /** In order, `limit` at most. */
  readonly records: readonly SessionRecord[];
  /** Position to go on from: that of the last record, or where reading began. */
  readonly position: string;
  /** Whether there is more behind them by now. */
  readonly more: boolean;
  /** What is missing before the records. */
  readonly gap: Gap | undefined;
}

/** What a store knows of a session without reading its records. */
export interface SessionSummary {
  readonly sessionId: string;
  /** Records kept. */
  readonly records: number;
  /** Position of the newest record. */
  readonly position: string;
  /** Timestamp of the oldest record kept: ISO 8601, UTC. */
  readonly firstAt: string;
  /** Timestamp of the newest record. */
  readonly lastAt: string;
  /** Readers that are open in this process. */
  readonly readers: number;
  /** How the session ended, where its newest record is an end. */
  readonly ended: EndReason | undefined;
}

/** A part of the list of sessions. */
export interface SessionList {
  /** In no particular order, around `limit` of them. */
  readonly sessions: readonly SessionSummary[];
  /** Where to go on, or undefined at the end. */
  readonly cursor: string | undefined;
}

/** What a store tells of its sessions. */
export interface SessionStoreListener {
  /** A session log got its first record, or its first after an end (`reopened`). */
  opened(sessionId: string, reopened: boolean): void;
  /** A session log was removed to keep the store within its bounds. */
  evicted(sessionId: string, records: number, reason: EvictionReason): void;
  /** Another process cancelled a session: who produces it here is to stop. */
  cancelled(sessionId: string, reason: string | undefined): void;
  /** Something went wrong that loses nothing yet: what it was, and what is done about it. */
  troubled(what: string, error: unknown): void;
}

/** Injection token of the notes in use. */
export const SharedNotes = Symbol('SharedNotes');

/**
 * Texts that the processes which share a store remember together for a time, by key. A key is `<session> <key>`, so that
 * one session can be kept from taking all room.
 */
export interface SharedNotes {
  /**
   * Remembers `text` for `ms` milliseconds, unless there is a text under that key already.
   *
   * @returns the text that is there already, or undefined where there was none
   * @throws SessionLoggerError `NOTES_FULL`, `STORE_UNAVAILABLE`
   */
  claim(key: string, text: string, ms: number): string | undefined | Promise<string | undefined>;
  /**
   * Remembers `text` for `ms` milliseconds in place of `own`, also where that has gone by itself; another text stays.
   *
   * @returns whether it is remembered
   */
  replace(key: string, own: string, text: string, ms: number): boolean | Promise<boolean>;
  /** Forgets `own`; another text stays. */
  release(key: string, own: string): void | Promise<void>;
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
  /**
   * Says who wants to know about sessions, and the bounds to keep. Called once, before anything else. Where it
   * rejects, a store that is reached over a network goes on trying until {@link close}.
   *
   * @throws SessionLoggerError `STORE_UNAVAILABLE`
   */
  start(listener: SessionStoreListener, limits: SessionStoreLimits): void | Promise<void>;
  /**
   * Where the sessions are kept, as two stores that keep the same ones would say alike: two loggers of an application
   * may not. Undefined where only the store itself keeps them.
   */
  readonly location?: string;
  /** Why nothing can be stored at present, where it tries again by itself; undefined while all is well. */
  readonly failure?: unknown;
  /**
   * Appends a batch of any sessions' records in order, gives each its `id` and tells readers. The next batch
   * comes when the promise settles. Where it rejects, the batch counts as failed, less the `details.written`
   * of a SessionLoggerError `WRITE_FAILED`.
   */
  append(records: readonly SessionRecord[]): void | Promise<void>;
  /** Told of a record that is never going to be appended, as too many were waiting: readers are owed a gap. */
  dropped?(record: SessionRecord): void;
  /**
   * Opens a reader, which waits where there is no session log yet; without `from` after what was popped.
   *
   * @throws SessionLoggerError `TOO_MANY_READERS`
   */
  open(sessionId: string, from?: ReadFrom): SessionReader | Promise<SessionReader>;
  /**
   * Waits for the caller's turn to take entries out of a session. Rejects when `signal` aborts; resolves
   * with a closed reader when the store closes.
   */
  takeTurn(sessionId: string, signal?: AbortSignal): Promise<PopTurn>;
  /**
   * Records of a session after a position, or its oldest ones. Creates nothing.
   *
   * @param limit 1 to 1,000
   */
  history(
    sessionId: string,
    after: string | undefined,
    limit: number,
  ): SessionHistory | Promise<SessionHistory>;
  /** Sessions that have records, wherever they were logged: from the beginning, or from a `cursor` on. */
  list(cursor: string | undefined, limit: number): SessionList | Promise<SessionList>;
  /**
   * Removes a session's log for good. Its readers, in all processes, are given nothing more of it but an end with
   * the reason `deleted`; what is appended later begins a log of a new epoch. Creates nothing.
   *
   * @throws SessionLoggerError `STORE_UNAVAILABLE`
   */
  remove(sessionId: string): void | Promise<void>;
  /** What processes remember together; without it each remembers by itself. */
  readonly notes?: SharedNotes;
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
