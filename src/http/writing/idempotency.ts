import { createHash } from 'node:crypto';
import { ConflictException, Inject, Injectable, UnprocessableEntityException } from '@nestjs/common';
import { Reporter } from '../../session-logger.reporter.js';
import { SharedNotes } from '../../store/session-store.interface.js';

/** For how long a retry is recognised. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** For how long one that has died keeps its retries out. */
const PENDING_MS = 60_000;

/** What is remembered of a request: what it said, and once it is done how many entries it brought. */
interface Note {
  readonly hash: string;
  readonly accepted?: number;
}

/**
 * Does what a request asks for once, however often it is sent, by its `Idempotency-Key`
 * (draft-ietf-httpapi-idempotency-key-header).
 */
@Injectable()
export class Idempotency {
  constructor(
    @Inject(SharedNotes) private readonly notes: SharedNotes,
    @Inject(Reporter) private readonly reporter: Reporter,
  ) {}

  /**
   * @param body what the request says: another one under the same key is refused
   * @param work resolves to how many entries it has brought, when they are where a restart does not lose them
   * @throws ConflictException while the same request is under way, UnprocessableEntityException for another one
   */
  async once(
    key: string,
    body: string,
    work: () => Promise<number>,
  ): Promise<{ accepted: number; isReplay: boolean }> {
    const hash = createHash('sha256').update(body).digest('base64url');
    const found = await this.notes.claim(key, JSON.stringify({ hash } satisfies Note), PENDING_MS);
    if (found !== undefined) return { accepted: replayed(JSON.parse(found) as Note, hash), isReplay: true };
    const accepted = await work().catch(async (error: unknown) => {
      await this.forget(key);
      throw error;
    });
    await this.keep(key, { hash, accepted });
    return { accepted, isReplay: false };
  }

  /** The entries are accepted, whatever becomes of this. */
  private async keep(key: string, note: Note): Promise<void> {
    try {
      await this.notes.replace(key, JSON.stringify(note), KEPT_MS);
    } catch (error) {
      this.reporter.warn(
        'idempotency',
        'An Idempotency-Key could not be kept; a retry would log twice',
        error,
      );
    }
  }

  private async forget(key: string): Promise<void> {
    try {
      await this.notes.release(key);
    } catch (error) {
      this.reporter.warn(
        'idempotency',
        'An Idempotency-Key is kept for a minute though nothing was logged',
        error,
      );
    }
  }
}

function replayed({ hash, accepted }: Note, wanted: string): number {
  if (hash !== wanted) {
    throw new UnprocessableEntityException('This Idempotency-Key was used for another body; take a new key.');
  }
  if (accepted === undefined)
    throw new ConflictException('A request with this Idempotency-Key is under way.');
  return accepted;
}
