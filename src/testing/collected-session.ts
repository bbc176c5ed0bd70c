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
      `until is ${String(until)}; expected 'end', a whole number of entries from 1 on, a function (entry) => boolean, or in collectSession 'now'.`,
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

  /** What is waited for, in words. */
  get wanted(): string {
    if (this.until === 'end') return 'the end';
    return typeof this.until === 'number' ? `${this.until} entries` : 'an entry that is wanted';
  }

  /** What came, in words. */
  get received(): string {
    const { entries, gaps, end } = this;
    const first = entries.slice(0, 5).map(({ message }) => JSON.stringify(message.slice(0, 40)));
    const more = entries.length > first.length ? ', …' : '';
    const shown = first.length === 0 ? 'no entry' : `${first.join(', ')}${more} (${entries.length})`;
    const gap = gaps.length === 0 ? '' : `, a gap (${gaps.map(({ reason }) => reason).join(', ')})`;
    return shown + gap + (end === undefined ? '' : ` and the end (${end.reason})`);
  }

  /** A copy that does not grow. */
  collected(): CollectedSession {
    const { entries, text, end, gaps } = this;
    return { entries, text, end, gaps };
  }
}
