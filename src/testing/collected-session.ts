import type { Gap } from '../entry/gap.js';
import type { LogEntry } from '../entry/log-entry.js';
import type { EndReason } from '../entry/session-end.js';
import { SessionLoggerError } from '../session-logger.errors.js';

/** What a session has given. */
export interface CollectedSession {
  /** Its entries, in order. */
  readonly entries: LogEntry[];
  /** The messages of the `chat` entries among them, joined. */
  readonly text: string;
  /** How it ended; undefined where it has not. */
  readonly end: { readonly reason: EndReason; readonly error?: string } | undefined;
  /** What could no longer be given. */
  readonly gaps: Gap[];
}

/** Up to where one collects: the session's end, so many entries, or the first entry that is wanted. */
export type CollectUntil = 'end' | number | ((entry: LogEntry) => boolean);

/** Gathers the events of a session until there is what is wanted. */
export class Collector implements CollectedSession {
  readonly entries: LogEntry[] = [];
  readonly gaps: Gap[] = [];
  end: CollectedSession['end'];

  constructor(private readonly until: CollectUntil) {
    if (until === 'end' || typeof until === 'function' || (Number.isInteger(until) && until > 0)) return;
    throw new SessionLoggerError(
      'INVALID_READ_OPTION',
      `until is ${String(until)}; expected 'end', a number of entries, or a function (entry) => boolean.`,
      { details: { option: 'until' } },
    );
  }

  get text(): string {
    const chat = this.entries.filter(({ logType }) => logType === 'chat');
    return chat.map(({ message }) => message).join('');
  }

  /** Takes an event; true when that is all that is wanted. Entries have no name, which on the wire is `message`. */
  take(event: string | undefined, data: unknown): boolean {
    if (event === 'gap') this.gaps.push(data as Gap);
    if (event === 'end') this.end = data as CollectedSession['end'];
    if (event !== undefined && event !== 'message') return event === this.until;
    const entry = data as LogEntry;
    this.entries.push(entry);
    // The session went on.
    this.end = undefined;
    return this.until === this.entries.length || (typeof this.until === 'function' && this.until(entry));
  }

  /** A copy that does not grow. */
  collected(): CollectedSession {
    const { entries, text, end, gaps } = this;
    return { entries, text, end, gaps };
  }
}
