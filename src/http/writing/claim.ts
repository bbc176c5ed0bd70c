import { randomUUID } from 'node:crypto';
import type { SharedNotes } from '../../store/session-store.interface.js';

/** For how long a retry is recognised. */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** For how long a claim keeps retries out once whoever made it has died. */
const PENDING_MS = 60_000;

/** What is remembered of a request: what it said, whose claim it is, or once it is done how many entries it brought. */
export interface ClaimNote {
  readonly hash: string;
  readonly token?: string;
  readonly accepted?: number;
}

/** One request's claim on its key, which is its own until it is kept or released. */
export class Claim {
  private readonly own: string;
  private renewal: NodeJS.Timeout | undefined;

  /** @param hash of what the request says */
  constructor(
    private readonly notes: SharedNotes,
    private readonly key: string,
    private readonly hash: string,
  ) {
    this.own = JSON.stringify({ hash, token: randomUUID() } satisfies ClaimNote);
  }

  /** Claims the key, and goes on doing so; or gives what another request has left there. */
  async take(): Promise<ClaimNote | undefined> {
    const found = await this.notes.claim(this.key, this.own, PENDING_MS);
    // A call that was sent again, as its answer was lost, finds its own.
    if (found !== undefined && found !== this.own) return JSON.parse(found) as ClaimNote;
    this.renewal = setInterval(() => void this.renew(), PENDING_MS / 3).unref();
    return undefined;
  }

  /** Remembers what came of the request. */
  async keep(accepted: number): Promise<void> {
    clearInterval(this.renewal);
    const { hash } = this;
    const note = JSON.stringify({ hash, accepted } satisfies ClaimNote);
    await this.notes.replace(this.key, this.own, note, KEPT_MS);
  }

  /** Lets a retry in. */
  async release(): Promise<void> {
    clearInterval(this.renewal);
    await this.notes.release(this.key, this.own);
  }

  private async renew(): Promise<void> {
    try {
      await this.notes.replace(this.key, this.own, this.own, PENDING_MS);
    } catch {
      // It is tried again before the claim has run out.
    }
  }
}
