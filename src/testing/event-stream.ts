import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { messageOf } from '../session-logger.errors.js';
import { Collector, type CollectedSession, type CollectUntil } from './collected-session.js';
import { EventParser, type StreamEvent } from '../client/event-parser.js';
import { notReceived, Patience } from './patience.js';

/** An event stream that is being received, one reader's; made by {@link openEventStream}. It never comes back by itself. */
export class EventStream implements AsyncIterable<StreamEvent> {
  private readonly events: AsyncGenerator<StreamEvent, void>;
  private isClosed = false;

  /** @internal */
  constructor(
    private readonly path: string,
    private readonly response: IncomingMessage,
    private lastId: string | undefined,
    private readonly timeout: number,
  ) {
    this.events = this.read();
  }

  /** Headers of the answer. */
  get headers(): IncomingHttpHeaders {
    return this.response.headers;
  }

  /** The id of the last event that was given out and had one, to go on behind it. */
  get lastEventId(): string | undefined {
    return this.lastId;
  }

  /**
   * The next event, or undefined where the server has ended the stream, or {@link close} was called. What is not asked for
   * is not received: the server is held up.
   *
   * @throws SessionLoggerError (as a rejection) `NOT_RECEIVED` where none comes in time, or the connection breaks
   */
  next(): Promise<StreamEvent | undefined> {
    return this.within('an event', () => this.take());
  }

  /** The events up to the end of the stream, as {@link next} gives them. Leaving the loop closes it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<StreamEvent, void> {
    try {
      for (let event = await this.next(); event !== undefined; event = await this.next()) yield event;
    } finally {
      this.close();
    }
  }

  /**
   * Reads the session on until it ends, or as far as is wanted. What follows is there for the next call.
   *
   * @param options `until`: the session's end, a number of entries, or a function that tells the last one. Default `end`
   * @throws SessionLoggerError (as a rejection) `NOT_RECEIVED` where what is wanted does not come, with what came in
   *   `details`; `INVALID_READ_OPTION`
   */
  async collect({
    until = 'end',
  }: { readonly until?: CollectUntil | undefined } = {}): Promise<CollectedSession> {
    const collector = new Collector(until);
    await this.within('what was to be collected', () => this.gather(collector), collector);
    return collector.collected();
  }

  /** Hangs up. A pending {@link next}, and each that follows, is given undefined. */
  close(): void {
    this.isClosed = true;
    this.response.destroy();
  }

  /** The same as {@link close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  private async gather(collector: Collector): Promise<void> {
    for (let event = await this.take(); event !== undefined; event = await this.take()) {
      if (collector.take(event.event, this.json(event))) return;
    }
    throw this.missing('the stream was over', 'what was to be collected', collector);
  }

  private json({ data }: StreamEvent): unknown {
    try {
      return JSON.parse(data);
    } catch {
      throw notReceived(
        `${this.path} sent ${data.slice(0, 200)}; expected JSON. Read what is no session by next().`,
        {},
      );
    }
  }

  private async take(): Promise<StreamEvent | undefined> {
    const { done, value } = await this.events.next();
    if (done === true || this.isClosed) return undefined;
    this.lastId = value.id ?? this.lastId;
    return value;
  }

  private async *read(): AsyncGenerator<StreamEvent, void> {
    const parser = new EventParser();
    this.response.setEncoding('utf8');
    try {
      for await (const piece of this.response) yield* parser.feed(piece as string);
    } catch (error) {
      if (!this.isClosed) throw error;
    }
  }

  /** Bounds a wait; where it is too long the stream is closed. */
  private async within<T>(what: string, work: () => Promise<T>, collector?: Collector): Promise<T> {
    const patience = new Patience(this.timeout);
    patience.signal.addEventListener('abort', () => this.response.destroy());
    try {
      return await work();
    } catch (error) {
      if (patience.signal.aborted) throw this.missing(`${this.timeout} ms were over`, what, collector);
      if (error instanceof Error && 'code' in error && error.code === 'NOT_RECEIVED') throw error;
      throw this.missing(`the connection broke (${messageOf(error)})`, what, collector);
    } finally {
      patience.end();
    }
  }

  private missing(when: string, what: string, collector: Collector | undefined): Error {
    const last = this.lastId === undefined ? 'no event with an id' : `the event ${this.lastId} last`;
    const collected = collector?.collected();
    const came =
      collector === undefined
        ? ''
        : `. This call received ${collector.received}; expected ${collector.wanted}`;
    return notReceived(`${this.path} had not sent ${what} when ${when}; it sent ${last}${came}.`, {
      lastEventId: this.lastId,
      ...(collected && { collected }),
    });
  }
}
