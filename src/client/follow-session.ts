import type { Gap } from '../entry/gap.js';
import type { LogEntry } from '../entry/log-entry.js';
import type { EndReason } from '../entry/session-end.js';
import type { SegmentUpdate } from '../segments/session-segment.js';
import { EventParser, type StreamEvent } from './event-parser.js';

/**
 * Headers, or what makes them anew for each request, such as one with a fresh token. Where that throws, as it may without
 * a network, the connection counts as lost.
 */
export type FollowHeaders =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);

/** How a session is followed. */
export interface FollowOptions {
  readonly headers?: FollowHeaders | undefined;
  /** The id of the entry received last, behind which it begins. Default: the oldest entry that there is. */
  readonly lastEventId?: string | undefined;
  /** Ends it at once. */
  readonly signal?: AbortSignal | undefined;
  /** Default `GET`. */
  readonly method?: string | undefined;
  /** Of each request. Default none. */
  readonly body?: string | undefined;
  /** Whether cookies are sent to other origins. Default `same-origin`, as of `fetch`. */
  readonly credentials?: 'omit' | 'same-origin' | 'include' | undefined;
  /** `segments` gives what changes them, for a `SegmentList`, in place of entries. Default `entries`. */
  readonly view?: 'entries' | 'segments' | undefined;
  /** Told of entries that can no longer be given, before the next one that can. With several sessions it says whose. */
  readonly onGap?: ((gap: FollowedGap) => void) | undefined;
  /** Told of the end of each session, where there are several: `end` is that of them all. */
  readonly onSessionEnd?: ((end: FollowedSessionEnd) => void) | undefined;
  /**
   * Told `open` each time the server begins to stream, and `lost` each time it is about to wait and come back, with what
   * was thrown, if anything was: by `fetch`, or by `headers`.
   */
  readonly onConnection?: ((state: 'open' | 'lost', error?: unknown) => void) | undefined;
  /** Milliseconds without a byte after which the connection counts as lost. Default 45,000: three heartbeats. */
  readonly stallTimeout?: number | undefined;
  /** Milliseconds before it comes back, until the server has told others. Default 2,000. */
  readonly retry?: number | undefined;
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined;
}

/** How a session ended. */
export interface FollowedEnd {
  /** `unknown` where one came back behind the end, which then is not told again. */
  readonly reason: EndReason | 'unknown';
  readonly error?: string;
}

/** How one of several sessions ended. */
export interface FollowedSessionEnd extends FollowedEnd {
  readonly sessionId: string;
}

/** Entries that can no longer be given. */
export interface FollowedGap extends Gap {
  /** Where several sessions are followed. */
  readonly sessionId?: string;
}

/** What is told of a session, live: its entries, or what changes its segments. */
export interface FollowedSession<T = LogEntry> extends AsyncIterableIterator<T, FollowedEnd | undefined> {
  /** How the session ended, once it has. */
  readonly end: FollowedEnd | undefined;
  /** The id of what was received last, to go on behind it elsewhere. */
  readonly lastEventId: string | undefined;
}

/** The server has answered what does not become better by asking again. */
export class FollowError extends Error {
  override readonly name = 'FollowError';

  constructor(
    message: string,
    /** Status of the answer. */
    readonly status: number,
  ) {
    super(message);
  }
}

/** Milliseconds before one comes back, where the server has not told; doubled while that is in vain, up to the longest. */
const RETRY = 2_000;
const LONGEST_RETRY = 30_000;
/** Timers that are longer ring at once. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** Of one that was in vain. */
const LEAST_RETRY = 100;
/** Statuses of passing trouble besides those from 500 on. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Follows a session over HTTP, in a browser or in Node, and comes back by itself where it was:
 *
 * ```ts
 * const session = followSession('/logs/chat-1', { headers: () => ({ authorization: `Bearer ${token()}` }) });
 * for await (const entry of session) show(entry.message);
 * show(session.end?.reason ?? 'left');
 * ```
 *
 * Ends with the session, whose end is in `end`, by the signal, or by `break`.
 *
 * @param url of `GET /logs/:sessionId`, or of `GET /logs/stream?sessions=a,b`; a query such as `?type=chat` may follow
 * @throws (as a rejection) FollowError where the server refuses, which is any answer but a stream of events, 204, 408, 425,
 * 429 and those from 500 on; TypeError where the URL is none, as one without a host is outside of browsers; what the
 * callbacks throw
 */
export function followSession(
  url: string | URL,
  options: FollowOptions & { readonly view: 'segments' },
): FollowedSession<SegmentUpdate>;
export function followSession(
  url: string | URL,
  options?: FollowOptions & { readonly view?: 'entries' | undefined },
): FollowedSession;
export function followSession(url: string | URL, options: FollowOptions = {}): FollowedSession<unknown> {
  const { view = 'entries' } = options;
  const address = String(url).replace(/#.*$/s, '');
  const query = view === 'entries' ? '' : `${address.includes('?') ? '&' : '?'}view=${view}`;
  return new SessionFollower(address + query, options);
}

class SessionFollower implements FollowedSession<unknown> {
  end: FollowedEnd | undefined;
  lastEventId: string | undefined;
  private readonly leaving = new AbortController();
  private readonly entries: AsyncGenerator<unknown, FollowedEnd | undefined>;
  private retry: number;
  /** Attempts since something was received. */
  private failures = 0;
  /** Whether something went wrong that asking again does not mend. */
  private isFatal = false;
  /** Why the connection was lost. */
  private trouble: unknown;

  constructor(
    private readonly url: string,
    private readonly options: FollowOptions,
  ) {
    this.lastEventId = options.lastEventId;
    this.retry = options.retry ?? RETRY;
    const { signal } = options;
    if (signal?.aborted === true) this.leave();
    else signal?.addEventListener('abort', this.leave, { once: true });
    this.entries = this.follow();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown, FollowedEnd | undefined>> {
    return this.entries.next();
  }

  return(): Promise<IteratorResult<unknown, FollowedEnd | undefined>> {
    this.leave();
    this.entries.return(this.end).catch(() => {});
    return Promise.resolve({ done: true, value: this.end });
  }

  throw(error: unknown): Promise<IteratorResult<unknown, FollowedEnd | undefined>> {
    void this.return();
    return Promise.reject(error);
  }

  private readonly leave = (): void => {
    this.options.signal?.removeEventListener('abort', this.leave);
    this.leaving.abort();
  };

  private get hasLeft(): boolean {
    return this.leaving.signal.aborted;
  }

  private async *follow(): AsyncGenerator<unknown, FollowedEnd | undefined> {
    try {
      checkAddress(this.url);
      while (!this.hasLeft) {
        yield* this.once();
        if (this.end !== undefined || this.hasLeft) break;
        this.options.onConnection?.('lost', this.trouble);
        await pause(this.delay(), this.leaving.signal);
      }
      return this.end;
    } finally {
      this.leave();
    }
  }

  /** Asks once, and gives what comes until the connection is over, however that is. */
  private async *once(): AsyncGenerator<unknown, void> {
    const connection = new AbortController();
    const hangUp = (): void => connection.abort();
    this.leaving.signal.addEventListener('abort', hangUp, { once: true });
    const stalled = new Alarm(this.options.stallTimeout ?? 45_000, hangUp);
    this.failures++;
    this.trouble = undefined;
    try {
      const response = await this.ask(connection.signal);
      if (response === undefined) return;
      this.opened();
      yield* this.read(response, stalled);
    } catch (error) {
      // Any other is a connection that broke: one comes back.
      if (this.isFatal) throw error;
      this.trouble = error;
    } finally {
      stalled.off();
      this.leaving.signal.removeEventListener('abort', hangUp);
      hangUp();
    }
  }

  /** The stream, or undefined where there is none at present. */
  private async ask(signal: AbortSignal): Promise<ReadableStream<Uint8Array> | undefined> {
    const { headers = {}, method = 'GET', body, credentials = 'same-origin' } = this.options;
    const given = typeof headers === 'function' ? await unlessAborted(signal, headers()) : headers;
    const resumed = this.lastEventId === undefined ? undefined : { 'last-event-id': this.lastEventId };
    const all = { accept: 'text/event-stream', ...given, ...resumed };
    this.check(() => new Headers(all));
    const call = this.options.fetch ?? fetch;
    const response = await call(this.url, {
      method,
      credentials,
      signal,
      headers: all,
      ...(body !== undefined && { body }),
    });
    const { status } = response;
    if (status === 204) this.end = { reason: 'unknown' };
    if (status === 204 || status >= 500 || PASSING.has(status)) return undefined;
    if (status === 200 && isEventStream(response)) return response.body ?? undefined;
    const refusal = await refused(this.url, response);
    this.isFatal = true;
    throw refusal;
  }

  private opened(): void {
    this.check(() => this.options.onConnection?.('open'));
  }

  /** What it throws is no connection that broke. */
  private check(work: () => unknown): void {
    try {
      work();
    } catch (error) {
      this.isFatal = true;
      throw error;
    }
  }

  private async *read(stream: ReadableStream<Uint8Array>, stalled: Alarm): AsyncGenerator<unknown, void> {
    const parser = new EventParser();
    const decoder = new TextDecoder();
    const reader = stream.getReader();
    for (;;) {
      stalled.set();
      const { done, value } = await reader.read();
      // Who takes its time with an entry has not lost the connection.
      stalled.off();
      if (done) return;
      for (const entry of this.entriesIn(parser, decoder.decode(value, { stream: true }))) {
        yield entry;
        if (this.hasLeft) return;
      }
      if (this.end !== undefined) return;
      this.retry = parser.retry ?? this.retry;
    }
  }

  private *entriesIn(parser: EventParser, text: string): Generator<unknown, void> {
    try {
      for (const event of parser.feed(text)) {
        const entry = this.take(event);
        if (entry !== undefined) yield entry;
      }
    } catch (error) {
      this.isFatal = true;
      throw error;
    }
  }

  private take({ event, id, data }: StreamEvent): unknown {
    this.failures = 0;
    this.lastEventId = id ?? this.lastEventId;
    if (event === 'message') return JSON.parse(data);
    if (event === 'gap') this.options.onGap?.(JSON.parse(data) as FollowedGap);
    if (event === 'session-end') this.options.onSessionEnd?.(JSON.parse(data) as FollowedSessionEnd);
    if (event === 'end') this.end = JSON.parse(data) as FollowedEnd;
    return undefined;
  }

  /** Half to one and a half of it, so that clients that were cut off together do not come back together. */
  private delay(): number {
    // Who is told to come back at once is so once: in vain, it waits as others do.
    const retry = this.failures > 0 ? Math.max(this.retry, LEAST_RETRY) : this.retry;
    const wait = Math.min(retry * 2 ** Math.max(this.failures - 1, 0), Math.max(retry, LONGEST_RETRY));
    return wait * (0.5 + Math.random());
  }
}

/** Rings once nothing has happened for a time. */
class Alarm {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly ms: number,
    private readonly ring: () => void,
  ) {
    this.set();
  }

  set(): void {
    clearTimeout(this.timer);
    if (this.ms !== Infinity) this.timer = setTimeout(this.ring, Math.min(this.ms, LONGEST_TIMER));
  }

  off(): void {
    clearTimeout(this.timer);
  }
}

async function refused(url: string, response: Response): Promise<FollowError> {
  const { ok, status, headers } = response;
  const answer = ok
    ? `${headers.get('content-type')} where text/event-stream was expected`
    : (await beginningOf(response)).slice(0, 200);
  return new FollowError(`${url} was answered ${status}: ${answer}`, status);
}

/** What comes first, as an answer may never end. */
async function beginningOf({ body }: Response): Promise<string> {
  const first = await body
    ?.getReader()
    .read()
    .catch(() => undefined);
  return new TextDecoder().decode(first?.value);
}

/** @throws TypeError */
function checkAddress(url: string): void {
  const { location } = globalThis as { location?: { href: string } };
  try {
    void new URL(url, location?.href);
  } catch {
    throw new TypeError(`${url} is no URL; expected an absolute one, as it is not on a page.`);
  }
}

function isEventStream({ headers }: Response): boolean {
  return headers.get('content-type')?.toLowerCase().startsWith('text/event-stream') === true;
}

/** Settles as `work` does, or rejects when the signal aborts. */
function unlessAborted<T>(signal: AbortSignal, work: T | Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    Promise.resolve(work).then(resolve, reject);
  });
}

/** Resolves after a time, or when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(ms, LONGEST_TIMER));
    signal.addEventListener('abort', end, { once: true });
  });
}
