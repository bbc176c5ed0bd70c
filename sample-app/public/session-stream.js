import { FollowError, followSession } from '../client/index.js';

/** Follows one session by the package's client, and beyond its end, where one says that it goes on. */
export class SessionStream {
  #listener;
  #session;
  #leaving = new AbortController();
  #isOpen = false;

  /** @param listener `entry(entry)`, `gap(gap)`, `end(end)`, `state(name)` and `refused(status)` */
  constructor(listener) {
    this.#listener = listener;
  }

  /** Opens the session, or goes on after the last position. Does nothing while it is being read. */
  connect(sessionId) {
    if (this.#isOpen) return;
    this.#leaving.abort();
    this.#leaving = new AbortController();
    this.#session = followSession(`logs/${encodeURIComponent(sessionId)}`, {
      lastEventId: this.#session?.lastEventId,
      signal: this.#leaving.signal,
      onGap: (gap) => this.#listener.gap(gap),
      onConnection: (state) => this.#tell(state === 'open' ? 'live' : 'reconnecting'),
    });
    this.#tell('connecting');
    void this.#read(this.#session, this.#leaving.signal);
  }

  async #read(session, left) {
    try {
      for await (const entry of session) this.#listener.entry(entry);
    } catch (error) {
      if (!(error instanceof FollowError)) throw error;
      this.#tell('closed');
      this.#listener.refused(error.status);
      return;
    }
    if (left.aborted) return;
    // Who comes back after the end, behind which there is nothing yet, has been told of it before.
    if (session.end.reason !== 'unknown') this.#listener.end(session.end);
    this.#tell('ended');
  }

  #tell(state) {
    this.#isOpen = state === 'live';
    this.#listener.state(state);
  }
}
