import { SessionLoggerError } from '../session-logger.errors.js';
import type { SharedNotes } from './session-store.interface.js';

/** Notes remembered at once. One takes some 300 bytes. */
const MAX_NOTES = 100_000;
/** Those of one session among them. */
const MAX_OF_SESSION = 10_000;

interface Note {
  readonly text: string;
  /** In milliseconds of `performance.now()`. */
  readonly expiresAt: number;
}

/** Notes in this process's memory, of a bounded number. */
export class MemoryNotes implements SharedNotes {
  /** Those that were written longest ago first, which are about the first to go. */
  private readonly notes = new Map<string, Note>();
  private readonly counts = new Map<string, number>();

  constructor(
    private readonly max = MAX_NOTES,
    private readonly maxOfSession = MAX_OF_SESSION,
  ) {}

  claim(key: string, text: string, ms: number): string | undefined {
    const found = this.find(key);
    if (found !== undefined) return found.text;
    this.dropExpired();
    if ((this.counts.get(sessionOf(key)) ?? 0) >= this.maxOfSession) throw sessionFull(this.maxOfSession);
    if (this.notes.size >= this.max) throw notesFull(this.max);
    this.set(key, text, ms);
    return undefined;
  }

  replace(key: string, own: string, text: string, ms: number): boolean {
    const found = this.find(key);
    if (found !== undefined && found.text !== own) return false;
    this.set(key, text, ms);
    return true;
  }

  release(key: string, own: string): void {
    if (this.find(key)?.text === own) this.delete(key);
  }

  private find(key: string): Note | undefined {
    const note = this.notes.get(key);
    return note !== undefined && note.expiresAt > performance.now() ? note : undefined;
  }

  private set(key: string, text: string, ms: number): void {
    this.delete(key);
    this.notes.set(key, { text, expiresAt: performance.now() + ms });
    this.count(key, 1);
  }

  private delete(key: string): void {
    if (this.notes.delete(key)) this.count(key, -1);
  }

  private count(key: string, change: number): void {
    const session = sessionOf(key);
    const count = (this.counts.get(session) ?? 0) + change;
    if (count === 0) this.counts.delete(session);
    else this.counts.set(session, count);
  }

  /** Looks no further than to the first that is to stay: one that is refused must not cost a look at all. */
  private dropExpired(): void {
    const now = performance.now();
    for (const [key, { expiresAt }] of this.notes) {
      if (expiresAt > now) return;
      this.delete(key);
    }
  }
}

function sessionOf(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf(' ')));
}

function notesFull(max: number, whose = ''): SessionLoggerError {
  return new SessionLoggerError(
    'NOTES_FULL',
    `${max} idempotency keys of the last 24 hours are remembered${whose} already, and no more can be. ` +
      'Send fewer requests with a key, or use redisStore(), which has no such bound.',
    { details: { max } },
  );
}

function sessionFull(max: number): SessionLoggerError {
  return notesFull(max, ' of the session');
}
