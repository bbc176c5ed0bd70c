/**
 * Reads one session over the browser's own EventSource. The browser reconnects by itself and says where
 * it was; this class remembers the position for the connections that it opens anew.
 */
export class SessionStream {
  #source;
  #position = '';
  #ended = false;
  #afterEnd = false;
  #listener;

  /** @param listener `entry(entry)`, `gap(gap)`, `end(end)`, `state(name)` and `refused(status)` */
  constructor(listener) {
    this.#listener = listener;
  }

  /** Opens the session, or goes on after the last position. Does nothing while it is being read. */
  connect(sessionId) {
    if (this.#source?.readyState === EventSource.OPEN && !this.#ended) return;
    this.#source?.close();
    this.#afterEnd = this.#ended || this.#afterEnd;
    this.#ended = false;
    const query = this.#position === '' ? '' : `?lastEventId=${encodeURIComponent(this.#position)}`;
    this.#source = new EventSource(`logs/${encodeURIComponent(sessionId)}${query}`);
    this.#listen(this.#source);
    this.#listener.state('connecting');
  }

  #listen(source) {
    const on = (name, handle) =>
      source.addEventListener(name, (event) => {
        this.#position = event.lastEventId || this.#position;
        handle(event.data);
      });
    source.addEventListener('open', () => this.#listener.state('live'));
    source.addEventListener('error', () => this.#lost(source));
    on('position', () => {});
    on('gap', (data) => this.#listener.gap(JSON.parse(data)));
    on('message', (data) => {
      this.#afterEnd = false;
      this.#listener.entry(JSON.parse(data));
    });
    on('end', (data) => {
      this.#ended = true;
      this.#listener.end(JSON.parse(data));
    });
  }

  #lost(source) {
    if (this.#ended) source.close(); // Nothing more will come; the next question opens a new connection.
    if (source.readyState !== EventSource.CLOSED) this.#listener.state('reconnecting');
    // Who comes back after the end finds a closed door (204) as long as nothing follows it.
    else if (this.#ended || this.#afterEnd) this.#listener.state('ended');
    else void this.#refused(source);
  }

  async #refused(source) {
    this.#listener.state('closed');
    const status = await statusOf(source.url);
    if (source === this.#source) this.#listener.refused(status);
  }
}

/** An EventSource does not tell the status of its answer: asks once more, for that alone. 0 without an answer. */
async function statusOf(url) {
  const abort = new AbortController();
  const headers = { Accept: 'text/event-stream' };
  try {
    return (await fetch(url, { headers, cache: 'no-store', signal: abort.signal })).status;
  } catch {
    return 0;
  } finally {
    abort.abort();
  }
}
