import type { Gap } from '../../entry/gap.js';
import type { SessionRecord } from '../../entry/log-entry.js';
import { SessionEnd } from '../../entry/session-end.js';
import type { SessionReader } from '../../store/session-store.interface.js';

/** Reads several sessions as one: each in its own order, by turns. */
export class MergedReader implements SessionReader {
  /** The session that was read last. */
  sessionId: string;
  private current: SessionReader;
  private readonly order: [string, SessionReader][];
  private listener: (() => void) | undefined;
  /** Whether a session was deleted, whose reader is given nothing more, whatever is logged to it anew. */
  private hasDeleted = false;

  /**
   * @param readers by their sessions, one at least
   * @param empty sessions that were deleted before, and to which nothing was logged since
   */
  constructor(
    readers: ReadonlyMap<string, SessionReader>,
    private readonly empty: Set<string>,
  ) {
    this.order = [...readers];
    [[this.sessionId, this.current]] = this.order as [[string, SessionReader]];
  }

  /** Of the session that was read last. */
  get position(): string {
    return this.current.position;
  }

  /** Of the session that was read last. */
  get gap(): Gap | undefined {
    return this.current.gap;
  }

  /** Whether all sessions have. */
  get ended(): boolean {
    return this.order.every(([, reader]) => reader.ended);
  }

  /** Whether any session is, or was deleted, or whether all but empty ones have ended: one has to come back. */
  get closed(): boolean {
    const isDue = this.hasDeleted || this.order.some(([, reader]) => reader.closed);
    return isDue || (this.empty.size > 0 && this.isOver);
  }

  /** Whether all have ended, or are empty. */
  get isOver(): boolean {
    return this.order.every(([sessionId, reader]) => reader.ended || this.empty.has(sessionId));
  }

  /** Whether the session that was read last has. */
  get hasSessionEnded(): boolean {
    return this.current.ended;
  }

  read(): readonly SessionRecord[] | undefined {
    for (let turn = 0; turn < this.order.length; turn++) {
      const next = this.order.shift()!;
      this.order.push(next);
      const records = next[1].read();
      if (records === undefined) continue;
      [this.sessionId, this.current] = next;
      this.empty.delete(this.sessionId);
      const last = records.at(-1);
      this.hasDeleted ||= last instanceof SessionEnd && last.reason === 'deleted';
      return records;
    }
    return undefined;
  }

  wait(listener: () => void): void {
    this.listener = listener;
    for (const [, reader] of this.order) reader.wait(this.wake);
  }

  close(): void {
    for (const [, reader] of this.order) reader.close();
  }

  private readonly wake = (): void => {
    const { listener } = this;
    this.listener = undefined;
    listener?.();
  };
}
