import { createHash } from 'node:crypto';
import type { SharedNotes } from '../store/session-store.interface.js';
import type { RedisLink } from './redis-link.js';
import { CLAIM_NOTE, RELEASE_NOTE, REPLACE_NOTE, type Script } from './scripts.js';
import type { SessionKeys } from './session-keys.js';

/** Notes in Redis, each a key of its own that goes when its time is over. */
export class RedisNotes implements SharedNotes {
  constructor(
    private readonly link: () => RedisLink,
    private readonly keys: SessionKeys,
  ) {}

  async claim(key: string, text: string, ms: number): Promise<string | undefined> {
    const found = (await this.run(CLAIM_NOTE, key, text, ms)) as string | null;
    return found ?? undefined;
  }

  async replace(key: string, own: string, text: string, ms: number): Promise<boolean> {
    return (await this.run(REPLACE_NOTE, key, own, text, ms)) === 1;
  }

  async release(key: string, own: string): Promise<void> {
    await this.run(RELEASE_NOTE, key, own);
  }

  /** By a hash, as a key may be of any length. */
  private run(script: Script, key: string, ...args: (string | number)[]): Promise<unknown> {
    const name = createHash('sha256').update(key).digest('base64url');
    return this.link().runOnce({ script, keys: [this.keys.note(name)], args });
  }
}
