import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import type { SessionReader } from '../store/session-store.interface.js';
import type { EntryFilter } from './entry-filter.js';
import type { EventStream } from './event-stream.js';
import {
  COMMENT_FRAME,
  endFrame,
  gapFrame,
  jittered,
  positionFrame,
  recordFrames,
  retryFrame,
  type FrameCache,
} from './sse-frames.js';

/** How one client is served. Times in milliseconds. */
export interface SseClientOptions {
  readonly retry: number;
  readonly heartbeat: number | false;
  readonly writeTimeout: number | false;
  /** Position that the client gave, if it is one that a client can have. */
  readonly resumeId: string | undefined;
  readonly filter: EntryFilter | undefined;
  readonly expiresAt: number | undefined;
  /** Called once the response is closed, whoever closed it. */
  onClose(): void;
  /** Called when the stream had to be cut off. */
  onError(error: unknown): void;
}

/** What a filter leaves out moves the client's position this often, in milliseconds, heartbeat or not. */
const POSITION_EVERY = 15_000;
/** How long a closing client may take to receive what is left, in milliseconds. */
const CLOSE_WITHIN = 500;
/** The longest delay of a timer: 2^31 - 1 ms. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** One client: pumps a reader into a stream, as fast as its socket takes it, which alone keeps the process alive. */
export class SseClient {
  private blocked = false;
  private done = false;
  /** The client's last event id is behind the reader: entries were left out. */
  private behind = false;
  private silence: NodeJS.Timeout | undefined;
  /** When a frame was written last, in milliseconds of `performance.now()`. */
  private wroteAt = 0;
  /** Tells the position that lags behind a filter. */
  private lag: NodeJS.Timeout | undefined;
  private expiry: NodeJS.Timeout | undefined;
  /** Cuts off a client that does not take its last frames. */
  private impatience: NodeJS.Timeout | undefined;

  constructor(
    private readonly stream: EventStream,
    private readonly reader: SessionReader,
    private readonly frames: FrameCache,
    private readonly options: SseClientOptions,
  ) {
    stream.onClose(this.release);
  }

  /** Sends the first frames and whatever comes. */
  start(): void {
    const { heartbeat, filter } = this.options;
    if (heartbeat !== false) this.awaitSilence(heartbeat, heartbeat);
    if (filter !== undefined) this.lag = setInterval(this.tellPosition, POSITION_EVERY).unref();
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

  /** The first frames. A position told before a gap is the client's own: cut off between the two, it hears of the gap again. */
  private readonly greet = (): void => {
    const { position } = this.reader;
    const first = this.reader.read();
    const gap = first && this.reader.gap;
    const standing = gap === undefined ? position : (this.options.resumeId ?? gap.resumedAt);
    this.write(retryFrame(this.options.retry) + positionFrame(standing));
    if (first !== undefined) this.send(first);
    this.sendOn();
  };

  private readonly pump = (): void => this.guard(this.sendOn);

  private readonly sendOn = (): void => {
    while (!this.blocked && !this.done) {
      const records = this.reader.read();
      if (records === undefined) break;
      this.send(records);
    }
    if (this.done || this.blocked) return;
    if (this.reader.closed) this.finish(retryFrame(jittered(this.options.retry)));
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
    if (this.reader.gap !== undefined) this.write(gapFrame(this.reader.gap));
    if (records.length === 0) return;
    if (this.options.filter === undefined) this.writeBytes(records);
    else this.writeFiltered(records, this.options.filter);
    const last = records.at(-1);
    if (last === undefined || last instanceof LogEntry || !this.reader.ended) return;
    this.behind = false;
    this.finish(endFrame(last));
  }

  private writeBytes(records: readonly SessionRecord[]): void {
    const bytes = this.frames.of(records);
    if (bytes.length > 0) this.write(bytes);
  }

  private writeFiltered(records: readonly SessionRecord[], filter: EntryFilter): void {
    const wanted = records.filter((record) => record instanceof LogEntry && filter(record));
    this.behind = wanted.length === 0 || wanted.at(-1) !== records.at(-1);
    if (wanted.length > 0) this.write(recordFrames(wanted));
  }

  private write(chunk: string | Buffer): void {
    const wasBlocked = this.blocked;
    this.blocked = !this.stream.write(chunk);
    if (this.blocked && !wasBlocked) this.awaitDrain();
    this.wroteAt = performance.now();
  }

  /** Also where the client takes nothing, or has not taken all of a stream that is finished already. */
  private finishSoon(retry: number): void {
    this.impatience ??= setTimeout(() => this.stream.destroy(), CLOSE_WITHIN);
    this.finish(retryFrame(retry));
  }

  private finish(lastFrame: string): void {
    if (this.done) return;
    this.done = true;
    const position = this.behind ? positionFrame(this.reader.position) : '';
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
    if (this.behind) this.tellPosition();
    else if (!this.blocked) this.write(COMMENT_FRAME);
  }

  private readonly tellPosition = (): void => {
    if (!this.behind || this.blocked) return;
    this.behind = false;
    this.write(positionFrame(this.reader.position));
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
