import { SessionLoggerError } from '../session-logger.errors.js';
import type { SharedNotes } from './session-store.interface.js';

/** Notes remembered at once. One takes some 300 bytes. */
const MAX_NOTES = 100_000;

interface Note {
  readonly text: string;
  /** In milliseconds of `performance.now()`. */
  readonly expiresAt: number;
}

/** Notes in this process's memory, of a bounded number. */
export class MemoryNotes implements SharedNotes {
  private readonly notes = new Map<string, Note>();

  constructor(private readonly max = MAX_NOTES) {}

  claim(key: string, text: string, ms: number): string | undefined {
    const found = this.find(key);
    if (found !== undefined) return found.text;
    if (this.notes.size >= this.max) this.dropExpired();
    if (this.notes.size >= this.max) throw notesFull(this.max);
    this.replace(key, text, ms);
    return undefined;
  }

  replace(key: string, text: string, ms: number): void {
    // At the end of the map, near those that expire about the same time.
    this.notes.delete(key);
    this.notes.set(key, { text, expiresAt: performance.now() + ms });
  }

  release(key: string): void {
    this.notes.delete(key);
  }

  private find(key: string): Note | undefined {
    const note = this.notes.get(key);
    return note !== undefined && note.expiresAt > performance.now() ? note : undefined;
  }

  private dropExpired(): void {
    const now = performance.now();
    for (const [key, { expiresAt }] of this.notes) if (expiresAt <= now) this.notes.delete(key);
  }
}

function notesFull(max: number): SessionLoggerError {
  return new SessionLoggerError(
    'NOTES_FULL',
    `${max} idempotency keys of the last 24 hours are remembered already, and no more can be. ` +
      'Send fewer requests with a key, or use redisStore(), which has no such bound.',
    { details: { max } },
  );
}
