/** What the server said against a request. */
export class RefusedError extends Error {
  constructor(what, status) {
    super(`${what} was answered ${status}`);
    this.status = status;
  }
}

/** The endpoints of sessions, at the place that the page was told. */
export class SessionsApi {
  /** @param root URL of the list */
  constructor(root) {
    this.root = root;
  }

  /** URL of a session's stream. */
  streamOf(sessionId) {
    return `${this.root}/${encodeURIComponent(sessionId)}`;
  }

  /** A page of the sessions: `{ sessions, cursor }`. */
  async list(cursor, signal) {
    const query = new URLSearchParams({ limit: '1000', ...(cursor !== undefined && { cursor }) });
    const response = await fetch(`${this.root}?${query}`, {
      signal,
      headers: { accept: 'application/json' },
    });
    if (!response.ok) throw new RefusedError('The list of sessions', response.status);
    return response.json();
  }

  /** A session's past, page by page, each as NDJSON. */
  async *history(sessionId, signal) {
    let url = `${this.streamOf(sessionId)}/history?limit=1000`;
    while (url !== undefined) {
      const response = await fetch(url, { signal });
      if (!response.ok) throw new RefusedError('The history', response.status);
      yield await response.text();
      const next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
      url = next === undefined ? undefined : new URL(next, url).href;
    }
  }
}
