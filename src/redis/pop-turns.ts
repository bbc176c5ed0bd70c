import { setTimeout as delay } from 'node:timers/promises';
import { parsePosition, type Position } from '../entry/position.js';
import type { PopTurn, SessionReader } from '../store/session-store.interface.js';
import { TurnQueue } from '../store/turn-queue.js';
import { brokenSession } from './broken-session.js';
import { ClaimingReader } from './claiming-reader.js';
import type { RedisLink, ScriptCall } from './redis-link.js';
import { CLAIM, RELEASE_TURN, RENEW_TURN, TAKE_TURN, type Script } from './scripts.js';
import type { SessionKeys } from './session-keys.js';

/** Why nobody's turn will come any more. */
export class TurnsClosed extends Error {}

/** Turns at taking a session's entries out: one call at a time in this process, by a lease among processes. */
export class PopTurns {
  private readonly queues = new Map<string, { readonly turns: TurnQueue; users: number }>();
  /** Calls that wait for another process, by session. */
  private readonly waiting = new Map<string, AbortController>();
  private readonly closing = new AbortController();
  private turns = 0;

  /** @param leaseMs how long a process that died is waited for, in milliseconds */
  constructor(
    private readonly link: RedisLink,
    private readonly keys: SessionKeys,
    private readonly owner: string,
    private readonly leaseMs: number,
  ) {}

  /**
   * Waits for the caller's turn.
   *
   * @param open opens a reader at the session's mark, once it is the caller's turn; nothing fails after it
   * @throws TurnsClosed, or the reason of `signal`
   */
  async take(sessionId: string, signal: AbortSignal, open: () => Promise<SessionReader>): Promise<PopTurn> {
    const leaving = AbortSignal.any([signal, this.closing.signal]);
    const turns = this.lineUp(sessionId);
    try {
      await turns.take(leaving);
      return await this.takeLease(sessionId, leaving, open).catch((error: unknown) => {
        turns.release();
        throw error;
      });
    } catch (error) {
      this.leave(sessionId);
      throw error;
    }
  }

  /** Another process has given its turn back. */
  free(sessionId: string): void {
    this.waiting.get(sessionId)?.abort();
  }

  close(): void {
    this.closing.abort(new TurnsClosed());
  }

  private async takeLease(
    sessionId: string,
    leaving: AbortSignal,
    open: () => Promise<SessionReader>,
  ): Promise<PopTurn> {
    const owner = `${this.owner}:${++this.turns}`;
    const carry = await this.awaitLease(sessionId, owner, leaving);
    const lease = new Lease(this.link, this.keys, sessionId, owner, this.leaseMs, carry);
    try {
      const reader = new ClaimingReader(await open(), lease.claim);
      return this.turn(sessionId, lease, reader);
    } catch (error) {
      await lease.release();
      throw error;
    }
  }

  private turn(sessionId: string, lease: Lease, reader: SessionReader): PopTurn {
    let isOver = false;
    return {
      reader,
      carry: lease.carry,
      taken: (record, carry) => lease.taken(parsePosition(record.id!)!, carry),
      release: () => {
        if (isOver) return;
        isOver = true;
        reader.close();
        void lease.release().then(() => {
          this.queues.get(sessionId)?.turns.release();
          this.leave(sessionId);
          return undefined;
        });
      },
    };
  }

  /** Resolves with the text before the mark that may begin a token. */
  private async awaitLease(sessionId: string, owner: string, leaving: AbortSignal): Promise<string> {
    for (;;) {
      const freed = new AbortController();
      this.waiting.set(sessionId, freed);
      const call = callOf(TAKE_TURN, this.keys, sessionId, owner, this.leaseMs);
      const [isTaken, answer] = (await this.link.run(call).catch((error: unknown) => {
        throw this.link.closed ? new TurnsClosed() : brokenSession(sessionId, error);
      })) as [number, number | string];
      if (isTaken === 1) return String(answer);
      const signal = AbortSignal.any([freed.signal, leaving]);
      // Until the turn is given back, or the lease of a process that died has run out.
      await delay(Math.max(Number(answer), 0) + 1, undefined, { signal }).catch(() => {});
      leaving.throwIfAborted();
    }
  }

  private lineUp(sessionId: string): TurnQueue {
    const entry = this.queues.get(sessionId) ?? { turns: new TurnQueue(), users: 0 };
    entry.users++;
    this.queues.set(sessionId, entry);
    return entry.turns;
  }

  private leave(sessionId: string): void {
    const entry = this.queues.get(sessionId);
    if (entry === undefined || --entry.users > 0) return;
    this.queues.delete(sessionId);
    this.waiting.delete(sessionId);
  }
}

/** One caller's right to take entries out, renewed until it is released. */
class Lease {
  private mark: Position | undefined;
  /** The offset up to which records were claimed. */
  private claimed = 0;
  private readonly renewal: NodeJS.Timeout;

  constructor(
    private readonly link: RedisLink,
    private readonly keys: SessionKeys,
    private readonly sessionId: string,
    private readonly owner: string,
    private readonly leaseMs: number,
    public carry: string,
  ) {
    this.renewal = setInterval(this.renew, Math.ceil(leaseMs / 3)).unref();
  }

  readonly claim = async (epoch: string, before: number, last: number): Promise<boolean> => {
    this.mark ??= { epoch, offset: before };
    this.claimed = last;
    return (await this.run(CLAIM, this.leaseMs, epoch, before, last)) === 1;
  };

  /** The caller was given a record; `carry` is the text before it that may begin a token. */
  taken(position: Position, carry: string): void {
    this.mark = position;
    this.carry = carry;
  }

  /** Never rejects: where it fails, the lease runs out by itself. */
  async release(): Promise<void> {
    clearInterval(this.renewal);
    const { epoch = '', offset = 0 } = this.mark ?? {};
    const tell = [this.keys.channel(this.sessionId), this.link.publishCommand];
    await this.run(RELEASE_TURN, epoch, this.claimed, offset, this.carry, ...tell).catch(() => {});
  }

  private readonly renew = (): void => {
    this.run(RENEW_TURN, this.leaseMs).catch(() => {});
  };

  private run(script: Script, ...args: (string | number)[]): Promise<unknown> {
    return this.link.run(callOf(script, this.keys, this.sessionId, this.owner, ...args));
  }
}

function callOf(
  script: Script,
  keys: SessionKeys,
  sessionId: string,
  ...args: (string | number)[]
): ScriptCall {
  return { script, keys: [keys.meta(sessionId), keys.log(sessionId), keys.lease(sessionId)], args };
}
