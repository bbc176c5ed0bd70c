import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import { TokenScanner } from '../entry/token-scanner.js';
import { SessionIterator, type IteratorHooks, type IteratorOptions } from './session-iterator.js';
import type { PopTurn, SessionReader, SessionStore } from './session-store.interface.js';

/** What `pop` heeds of an iterator's options. */
export type PopOptions = Pick<IteratorOptions, 'signal' | 'onGap'>;

/**
 * Takes a session's entries out, each at most once over all callers, up to and including the one in which
 * `stopToken` is completed, or the session's end.
 *
 * @param stopToken may arrive split over chat entries
 */
export function popEntries(
  store: SessionStore,
  sessionId: string,
  stopToken: string,
  options: PopOptions,
  hooks: Required<Pick<IteratorHooks<string>, 'closed' | 'failed'>>,
): SessionIterator<string> {
  const popper = new Popper(stopToken);
  return new SessionIterator(popper.begin(store, sessionId), options, {
    select: (entry) => entry.message,
    taken: (record) => popper.take(record),
    gap: () => popper.skip(),
    closed: () => {
      popper.end();
      hooks.closed();
    },
    failed: hooks.failed,
  });
}

/** One caller's turn: from waiting for it to its release. */
class Popper {
  private readonly leaving = new AbortController();
  private readonly scanner: TokenScanner;
  private turn: PopTurn | undefined;

  constructor(stopToken: string) {
    this.scanner = new TokenScanner([stopToken]);
  }

  async begin(store: SessionStore, sessionId: string): Promise<SessionReader> {
    const turn = await store.takeTurn(sessionId, this.leaving.signal);
    this.turn = turn;
    this.scanner.push(turn.carry);
    if (this.leaving.signal.aborted) turn.release();
    return turn.reader;
  }

  /** Moves the mark behind `record`; tells whether it is the last of this turn. */
  take(record: SessionRecord): boolean {
    const isLast = this.isLast(record);
    this.turn?.taken(record, record instanceof LogEntry ? this.scanner.pending : '');
    return isLast;
  }

  /** What follows a gap does not complete a token begun before it. */
  skip(): void {
    this.scanner.flush();
  }

  end(): void {
    this.leaving.abort();
    this.turn?.release();
  }

  private isLast(record: SessionRecord): boolean {
    if (!(record instanceof LogEntry)) return true;
    if (record.logType !== 'chat') return false;
    if (record.data?.['literal'] === true) {
      // A text in which what looks like a token is none.
      this.scanner.flush();
      return false;
    }
    return this.scanner.push(record.message).some((piece) => piece.type === 'token');
  }
}
