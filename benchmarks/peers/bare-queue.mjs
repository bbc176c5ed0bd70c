const NOW = Promise.resolve();

/** The least that a queue can do: an array and one waiting resolver. */
class BareQueue {
  #items = [];
  /** @type {(nothing?: undefined) => void} */
  #wake = () => {};
  #closed = false;

  /** @param {string} message */
  push(message) {
    this.#items.push({ message, timestamp: new Date().toISOString() });
    this.#wake();
  }

  close() {
    this.#closed = true;
    this.#wake();
  }

  async *read() {
    while (!this.#closed) {
      if (this.#items.length === 0) await new Promise((resolve) => (this.#wake = resolve));
      const items = this.#items;
      this.#items = [];
      for (const { message } of items) yield message;
    }
  }
}

/**
 * A bare async queue a session.
 *
 * @type {import('./peer.d.mts').OpenQueue}
 */
export function openBareQueue(sessionIds) {
  const queues = new Map(sessionIds.map((id) => [id, new BareQueue()]));
  return {
    log(message, sessionId) {
      queues.get(sessionId)?.push(message);
      return NOW;
    },
    read: (sessionId) => queues.get(sessionId).read(),
    close() {
      for (const queue of queues.values()) queue.close();
    },
  };
}
