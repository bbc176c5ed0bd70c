import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import type { SessionReader } from '../store/session-store.interface.js';
import type { EventStream } from './event-stream.js';
import type { SessionView } from './views/session-view.interface.js';
import { jittered } from './views/sse-frames.js';

/** How one client is served. Times in milliseconds. */
export interface SseClientOptions {
  readonly retry: number;
  readonly heartbeat: number | false;
  readonly writeTimeout: number | false;
  readonly expiresAt: number | undefined;
  /** Called once the response is closed, whoever closed it. */
  onClose(): void;
  /** Called when the stream had to be cut off. */
  onError(error: unknown): void;
}

/** What a filter leaves out moves the client's position this often, in milliseconds, heartbeat or not. */
const POSITION_EVERY = 15_000;
/** How long a client waits that cannot go on in the same stream, in milliseconds. */
const SOON = 250;
/** How long a closing client may take to receive what is left, in milliseconds. */
const CLOSE_WITHIN = 500;
/** The longest delay of a timer: 2^31 - 1 ms. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** One client: pumps a reader into a stream, as fast as its socket takes it, which alone keeps the process alive. */
export class SseClient {
  /** Read to know of a gap before them, and not sent yet. */
  private first: readonly SessionRecord[] | undefined;
  private blocked = false;
  private done = false;
  private silence: NodeJS.Timeout | undefined;
  /** When a frame was written last, in milliseconds of `performance.now()`. */
  private wroteAt = 0;
  /** Tells the position that lags behind. */
  private lag: NodeJS.Timeout | undefined;
  private expiry: NodeJS.Timeout | undefined;
  /** Cuts off a client that does not take its last frames. */
  private impatience: NodeJS.Timeout | undefined;

  constructor(
    private readonly stream: EventStream,
    private readonly reader: SessionReader,
    private readonly view: SessionView,
    private readonly options: SseClientOptions,
  ) {
    stream.onClose(this.release);
  }

  /** Sends the first frames and whatever comes. */
  start(): void {
    const { heartbeat } = this.options;
    if (heartbeat !== false && this.view.comment !== '') this.awaitSilence(heartbeat, heartbeat);
    if (this.view.mayLag) this.lag = setInterval(this.tellPosition, POSITION_EVERY).unref();
    this.armExpiry();
    this.guard(this.greet);
  }

  /** Ends the stream and tells the client to come back; resolves once its response is closed. */
  close(): Promise<void> {
    if (this.stream.closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.stream.onClose(resolve);
      this.finishSoon(jittered(this.options.retry));
    });
  }

  private readonly greet = (): void => {
    const { position } = this.reader;
    const first = this.reader.read();
    this.write(this.view.greet(position, first && this.reader.gap));
    this.first = first;
    this.sendOn();
  };

  private readonly pump = (): void => this.guard(this.sendOn);

  private readonly sendOn = (): void => {
    while (!this.blocked && !this.done) {
      const more = this.view.more();
      if (more !== '') {
        this.write(more);
        continue;
      }
      const records = this.first ?? this.reader.read();
      this.first = undefined;
      if (records === undefined) break;
      this.send(records);
    }
    if (this.done || this.blocked) return;
    if (this.reader.closed) this.sendBack(jittered(this.options.retry));
    else this.reader.wait(this.pump);
  };

  /** What goes wrong with one client must not reach the distributor, which wakes all of them. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.options.onError(error);
      this.stream.destroy();
    }
  }

  private send(records: readonly SessionRecord[]): void {
    const { gap, ended } = this.reader;
    if (gap !== undefined) {
      this.write(this.view.gap(gap));
      if (this.view.endsAtGap) return this.finish(this.view.comeBack(jittered(SOON)));
    }
    const last = records.at(-1);
    if (last === undefined) return;
    const end = ended && !(last instanceof LogEntry) ? last : undefined;
    this.write(this.view.frames(records, end !== undefined));
    if (end !== undefined) this.conclude(this.view.end(end));
    else if (this.view.isDone) this.finish('');
  }

  private write(chunk: string | Buffer): void {
    if (chunk.length === 0) return;
    const wasBlocked = this.blocked;
    this.blocked = !this.stream.write(chunk);
    if (this.blocked && !wasBlocked) this.awaitDrain();
    this.wroteAt = performance.now();
  }

  /** Also where the client takes nothing, or has not taken all of a stream that is finished already. */
  private finishSoon(retry: number): void {
    this.impatience ??= setTimeout(() => this.stream.destroy(), CLOSE_WITHIN);
    this.sendBack(retry);
  }

  private sendBack(retry: number): void {
    if (this.view.breaks && !this.done) this.stream.destroy();
    else this.finish(this.view.comeBack(retry));
  }

  /** @param lastFrame undefined where the client is to notice that it is not all */
  private conclude(lastFrame: string | undefined): void {
    if (lastFrame !== undefined) return this.finish(lastFrame);
    this.done = true;
    this.impatience ??= setTimeout(() => this.stream.destroy(), CLOSE_WITHIN);
    this.stream.breakOff();
    this.stop();
  }

  private finish(lastFrame: string): void {
    if (this.done) return;
    this.done = true;
    const position = this.view.lags ? this.view.position(this.reader.position) : '';
    this.stream.end(position + lastFrame);
    this.stop();
  }

  private awaitDrain(): void {
    this.stream.onceDrained(this.onDrain, this.options.writeTimeout, this.onStalled);
  }

  private readonly onStalled = (): void => this.stream.destroy();

  private readonly onDrain = (): void => {
    this.blocked = false;
    this.pump();
  };

  /** Not refreshed by each write, which would cost more than a look at the clock. */
  private awaitSilence(heartbeat: number, delay: number): void {
    this.silence = setTimeout(() => {
      const left = this.wroteAt + heartbeat - performance.now();
      if (left <= 0) this.breakSilence();
      this.awaitSilence(heartbeat, left > 0 ? Math.ceil(left) : heartbeat);
    }, delay).unref();
  }

  private breakSilence(): void {
    if (this.view.lags) this.tellPosition();
    else if (!this.blocked) this.write(this.view.comment);
  }

  private readonly tellPosition = (): void => {
    if (this.view.lags && !this.blocked) this.write(this.view.position(this.reader.position));
  };

  private armExpiry(): void {
    const { expiresAt } = this.options;
    if (expiresAt === undefined) return;
    const left = expiresAt - Date.now();
    const onTime = left > LONGEST_TIMER ? () => this.armExpiry() : () => this.finishSoon(this.options.retry);
    this.expiry = setTimeout(onTime, Math.min(left, LONGEST_TIMER)).unref();
  }

  private stop(): void {
    clearTimeout(this.silence);
    clearInterval(this.lag);
    this.reader.close();
  }

  private readonly release = (): void => {
    this.done = true;
    this.stop();
    clearTimeout(this.expiry);
    clearTimeout(this.impatience);
    this.options.onClose();
  };
}
