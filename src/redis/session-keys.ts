/** Names the keys and channels of sessions. All keys of one session lie in one slot of a Cluster. */
export class SessionKeys {
  /** @param prefix what all names begin with */
  constructor(readonly prefix: string) {}

  /** Hash: epoch, offsets, sizes, how the session ended, what `pop` took, who wrote last. */
  meta(sessionId: string): string {
    return this.of(sessionId, 'meta');
  }

  /** Stream: the records, `<offset>-0` being their ids. */
  log(sessionId: string): string {
    return this.of(sessionId, 'log');
  }

  /** String: who may take entries out at present. */
  lease(sessionId: string): string {
    return this.of(sessionId, 'lease');
  }

  /** Channel on which a session's records and news are published. */
  channel(sessionId: string): string {
    return `${this.prefix}{${sessionId}}`;
  }

  /** The session of a {@link channel} or a {@link meta} key. */
  sessionOf(name: string): string {
    return name.slice(this.prefix.length + 1, name.lastIndexOf('}'));
  }

  /** Stream and channel of what was cancelled, over all sessions. */
  get cancels(): string {
    return `${this.prefix}cancels`;
  }

  /** String: a text remembered under a name. */
  note(name: string): string {
    return `${this.prefix}note:${name}`;
  }

  /** What the {@link meta} keys look like to `SCAN`. */
  get metaPattern(): string {
    return `${this.prefix}{*}:meta`;
  }

  private of(sessionId: string, part: string): string {
    return `${this.channel(sessionId)}:${part}`;
  }
}
