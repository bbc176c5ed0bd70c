import type { SessionRecord } from '../entry/log-entry.js';
import type { RecordQueue } from './record-queue.interface.js';

/** Injection token of the redaction in use, or undefined where nothing is redacted. */
export const Redaction = Symbol('Redaction');

/** Port: what stands before the central queue and masks secrets. It holds back what may become one. */
export interface Redaction extends RecordQueue {
  /** Records that are held back, and secrets that were masked. */
  readonly counts: { readonly held: number; readonly masked: number };
  /** UTF-8 bytes of a message that it wants to see beyond those that are kept, as a secret may begin among these. */
  readonly lookAheadBytes: number;
  /** Masks what is whole of a record: all but the message of a chat entry, which goes on in the next one. */
  mask(record: SessionRecord): void;
  /** Masks a record that does not go into the queue, and all that is held before it; gives them in order. */
  maskLate(record: SessionRecord): SessionRecord[];
  /** Whether something of a session is held back. */
  isHolding(sessionId: string): boolean;
  /** Masks what is held back, of one session or of all, as far as is known, and puts it into the queue. */
  release(sessionId?: string): void;
  /** Forgets what was said in a session. */
  forget(sessionId: string): void;
}
