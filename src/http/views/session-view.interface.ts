import type { Gap } from '../../entry/gap.js';
import type { SessionRecord } from '../../entry/log-entry.js';
import type { SessionEnd } from '../../entry/session-end.js';
import type { SessionReader } from '../../store/session-store.interface.js';

/** What one client is sent of a session. It is given the session's records in order, and knows no more of them. */
export interface SessionView {
  /** Of the response, besides those that every stream has. */
  readonly headers: Readonly<Record<string, string>>;
  /** Keeps proxies and clients from taking silence for a dead connection; empty where nothing may come in between. */
  readonly comment: string;
  /** Whether a client is to notice that it was cut off, as it does not come back by itself to see. */
  readonly breaks: boolean;
  /** Whether nothing can be told behind a gap: the client has to come back. */
  readonly endsAtGap: boolean;
  /** Whether what the client can go on behind may lag behind what it was given to see. */
  readonly mayLag: boolean;
  /** Whether it does. */
  readonly lags: boolean;
  /** Whether nothing more is to be sent, whatever is logged. */
  readonly isDone: boolean;
  /**
   * What comes first.
   *
   * @param position where the reader stands
   * @param gap before the records that are read first
   */
  greet(position: string, gap: Gap | undefined): string;
  /** The next piece of what comes before all records; empty where nothing is left of it. */
  more(): string;
  gap(gap: Gap): string;
  /** What is sent of records; an end that is the last of a session is told by {@link end}, behind it. */
  frames(records: readonly SessionRecord[], endsSession: boolean): string | Buffer;
  /** Undefined where the client is to notice that what it has is not all. */
  end(end: SessionEnd): string | undefined;
  /** Moves the client behind what it was not shown. */
  position(id: string): string;
  /** @param ms how long the client is to wait before it comes back */
  comeBack(ms: number): string;
}

/** What one client is to be sent. */
export interface OpenedView {
  readonly reader: SessionReader;
  readonly view: SessionView;
}
