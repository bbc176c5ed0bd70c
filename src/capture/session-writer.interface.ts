import type { JsonObject, LogEntryInput } from '../entry/log-entry.js';

/** How a capture ends its session. */
export interface ReplyEnd {
  /** Default `error` where there is one, else `completed`. */
  readonly reason?: 'completed' | 'error' | 'cancelled';
  readonly error?: unknown;
}

/** What is used of the logger: one session's. What it returns need not be awaited; it is in order all the same. */
export interface SessionWriter {
  /** A chunk of chat. */
  chat(message: string, data: JsonObject | undefined): Promise<void>;
  /** Any entry. */
  log(input: Omit<LogEntryInput, 'sessionId'>): Promise<void>;
  end(how: ReplyEnd): Promise<void>;
  /** Whether the session is being cancelled in this process, so that what is written now stands before its end. */
  isCancelling(): boolean;
}
