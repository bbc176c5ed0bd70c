import type { SessionEnd } from '../entry/session-end.js';
import type { SessionStoreListener } from '../store/session-store.interface.js';
import type { RedisLink } from './redis-link.js';
import { CANCEL } from './scripts.js';
import type { SessionKeys } from './session-keys.js';

/** Tells all processes of cancelled sessions, those too whose connection was away for a while. */
export class CancelFeed {
  /** Id of the newest cancel heard of; those before this process began are none of its business. */
  private newest: string | undefined;

  constructor(
    private readonly link: RedisLink,
    private readonly keys: SessionKeys,
    private readonly writer: string,
    private readonly listener: Pick<SessionStoreListener, 'cancelled' | 'troubled'>,
  ) {}

  /** Tells the others. Never rejects: the end of the session is stored whatever becomes of this. */
  async publish({ sessionId, error = '' }: SessionEnd): Promise<void> {
    try {
      await this.link.run({
        script: CANCEL,
        keys: [this.keys.cancels],
        args: [this.writer, sessionId, error, this.link.publishCommand],
      });
    } catch (cause) {
      this.listener.troubled(`Other processes were not told that session ${sessionId} was cancelled`, cause);
    }
  }

  /** A message on the channel. */
  hear(text: string): void {
    const [id, writer, sessionId, reason] = JSON.parse(text) as [string, string, string, string];
    this.take(id, writer, sessionId, reason);
  }

  /** Looks for what was cancelled while no messages came in. */
  async catchUp(): Promise<void> {
    const now = `${await this.link.time()}-0`;
    this.newest ??= now;
    for (const [id, fields] of await this.link.streamAfter(this.keys.cancels, this.newest)) {
      const {
        w = '',
        s = '',
        r = '',
      } = Object.fromEntries(
        fields.flatMap((field, at) => (at % 2 === 0 ? [[field, fields[at + 1]]] : [])),
      ) as Record<string, string>;
      this.take(id, w, s, r);
    }
  }

  private take(id: string, writer: string, sessionId: string, reason: string): void {
    if (this.newest !== undefined && !isBehind(id, this.newest)) return;
    this.newest = id;
    if (writer !== this.writer) this.listener.cancelled(sessionId, reason || undefined);
  }
}

/** Whether a stream's id comes after another: `<milliseconds>-<number>`. */
function isBehind(id: string, other: string): boolean {
  const [time, number] = id.split('-').map(Number) as [number, number];
  const [otherTime, otherNumber] = other.split('-').map(Number) as [number, number];
  return time > otherTime || (time === otherTime && number > otherNumber);
}
