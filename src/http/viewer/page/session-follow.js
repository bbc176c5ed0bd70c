import { FollowError, followSession } from '../client/index.js';
import { endText, Timeline } from './timeline.js';

/** Follows one session into a timeline, and tells where that stands. */
export class SessionFollow {
  timeline = new Timeline();
  #leaving = new AbortController();
  #lastEventId;
  #isEnded = false;
  #wasLost = false;

  /**
   * @param url of the session's stream
   * @param on `change()` when the timeline has changed, `state(name, text, reason)` when the connection has; `reason` is of an end
   */
  constructor(url, on) {
    this.url = url;
    this.on = on;
    void this.#run();
  }

  /** Goes on with a session that had ended, if it has. */
  resume() {
    if (!this.#isEnded) return;
    this.#isEnded = false;
    void this.#run();
  }

  stop() {
    this.#leaving.abort();
  }

  async #run() {
    this.on.state('connecting', 'Connecting');
    const session = followSession(this.url, {
      view: 'segments',
      lastEventId: this.#lastEventId,
      signal: this.#leaving.signal,
      onGap: (gap) => this.#tell(() => this.timeline.addGap(gap)),
      onConnection: (state) => this.#connection(state),
    });
    try {
      for await (const update of session) this.#tell(() => this.timeline.apply(update));
    } catch (error) {
      return this.#failed(error);
    }
    if (!this.#leaving.signal.aborted) this.#ended(session);
  }

  #connection(state) {
    if (state === 'open') {
      if (this.#wasLost) this.#tell(() => this.timeline.addNotice('notice', 'The connection is back'));
      this.#wasLost = false;
      return this.on.state('live', 'Live');
    }
    if (!this.#wasLost)
      this.#tell(() => this.timeline.addNotice('notice', 'The connection was lost', 'lost'));
    this.#wasLost = true;
    return this.on.state('lost', 'Reconnecting');
  }

  #ended({ end, lastEventId }) {
    this.#isEnded = true;
    this.#lastEventId = lastEventId;
    if (end.reason !== 'unknown') this.#tell(() => this.timeline.addNotice('end', endText(end), end.reason));
    this.on.state('ended', endText({ reason: end.reason }), end.reason);
  }

  #failed(error) {
    const text = error instanceof FollowError ? `Refused: ${error.status}` : String(error);
    this.#tell(() => this.timeline.addNotice('end', text, 'error'));
    this.on.state('refused', text);
  }

  #tell(change) {
    change();
    this.on.change();
  }
}
