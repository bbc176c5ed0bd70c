import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ConflictException, Inject, Injectable, UnprocessableEntityException } from '@nestjs/common';
import { stringify } from 'safe-stable-stringify';
import type { LogEntryInput } from '../../entry/log-entry.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../../options/resolve-options.js';
import { SessionLoggerError } from '../../session-logger.errors.js';
import { Reporter } from '../../session-logger.reporter.js';
import { SharedNotes } from '../../store/session-store.interface.js';
import { Claim, type ClaimNote } from './claim.js';

/** Logs entries; `stored` resolves to whether the store has them. */
export type LogToStore = () => Promise<{ readonly stored: Promise<boolean> }>;

/** What a request is answered. */
export interface IdempotentAnswer {
  readonly accepted: number;
  readonly isReplay: boolean;
}

/**
 * Does what a request asks for once, however often it is sent, by its `Idempotency-Key`
 * (draft-ietf-httpapi-idempotency-key-header).
 */
@Injectable()
export class Idempotency {
  constructor(
    @Inject(SharedNotes) private readonly notes: SharedNotes,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(Reporter) private readonly reporter: Reporter,
  ) {}

  /**
   * @param key `<session> <key>`
   * @param inputs what the request says: something else under the same key is refused
   * @throws ConflictException while the same request is under way, UnprocessableEntityException for another one,
   *   SessionLoggerError `STORE_UNAVAILABLE` where it is not known within `limits.flushTimeout` that the store has them:
   *   then the request is under way until that is known
   */
  async once(key: string, inputs: readonly LogEntryInput[], log: LogToStore): Promise<IdempotentAnswer> {
    const hash = hashOf(key, inputs);
    const claim = new Claim(this.notes, key, hash);
    const found = await claim.take();
    if (found !== undefined) return { accepted: replayed(found, hash), isReplay: true };
    const { stored } = await log().catch(async (error: unknown) => {
      await this.release(claim);
      throw error;
    });
    const accepted = inputs.length;
    const isStored = await this.soon(this.settle(claim, accepted, stored));
    if (isStored !== true) throw notStored(isStored);
    return { accepted, isReplay: false };
  }

  /** Remembers the request once its entries are stored; where some are lost, a retry is to log them again. */
  private async settle(claim: Claim, accepted: number, stored: Promise<boolean>): Promise<boolean> {
    const isStored = await stored;
    await (isStored ? this.keep(claim, accepted) : this.release(claim));
    return isStored;
  }

  /** Undefined where it takes too long; it goes on all the same. */
  private async soon(settled: Promise<boolean>): Promise<boolean | undefined> {
    const settling = new AbortController();
    const { flushTimeout } = this.options.limits;
    const late = delay(flushTimeout, undefined, { signal: settling.signal }).catch(() => undefined);
    return Promise.race([settled, late]).finally(() => settling.abort());
  }

  /** The entries are stored, whatever becomes of this. */
  private async keep(claim: Claim, accepted: number): Promise<void> {
    try {
      await claim.keep(accepted);
    } catch (error) {
      this.reporter.warn(
        'idempotency',
        'An Idempotency-Key could not be kept; a retry would log twice',
        error,
      );
    }
  }

  private async release(claim: Claim): Promise<void> {
    try {
      await claim.release();
    } catch (error) {
      this.reporter.warn(
        'idempotency',
        'An Idempotency-Key is kept for a minute though nothing was logged',
        error,
      );
    }
  }
}

/**
 * The same for all ways to write the same: whatever the order of keys, and with null for what is not there. Who sees it
 * without knowing the key cannot guess what was said.
 */
function hashOf(key: string, inputs: readonly LogEntryInput[]): string {
  const given = inputs.map((input) =>
    Object.fromEntries(Object.entries(input).filter(([, value]) => value != null)),
  );
  return createHmac('sha256', key).update(stringify(given)).digest('base64url');
}

function replayed({ hash, accepted }: ClaimNote, wanted: string): number {
  if (hash !== wanted) {
    throw new UnprocessableEntityException('This Idempotency-Key was used for another body; take a new key.');
  }
  if (accepted === undefined)
    throw new ConflictException('A request with this Idempotency-Key is under way.');
  return accepted;
}

function notStored(isStored: false | undefined): SessionLoggerError {
  const what =
    isStored === false
      ? 'The store or a full queue has lost entries of a request with an Idempotency-Key; a retry logs all of them again.'
      : 'The store has not taken the entries of a request with an Idempotency-Key in time; they wait, and no retry logs them again.';
  return new SessionLoggerError('STORE_UNAVAILABLE', `${what} See stats().store.`);
}
