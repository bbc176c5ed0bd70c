import { Agent, get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { createParser } from 'eventsource-parser';
import type { LogEntry } from 'nestjs-session-logger';
import { AsyncQueue } from './async-queue.js';
import { onCleanUp } from './clean-up.js';

/** An event of a stream, its data read as JSON. */
export interface EventFrame {
  event: string | undefined;
  id: string | undefined;
  data: unknown;
}

/** What a stream carries. */
export type Frame = EventFrame | { retry: number } | { comment: string };

/** A raw reader of an event stream: sees `retry:` and comments too, and never comes back by itself. */
export class EventStream {
  private readonly frames = new AsyncQueue<Frame>();
  private howOver: 'ended' | 'aborted' | undefined;
  /** The last two characters: an empty line ends a frame. */
  private tail = '';

  /** Resolves once the head of the answer is there. {@link cleanUp} hangs up. */
  static open(url: string, headers: Record<string, string> = {}): Promise<EventStream> {
    const { origin } = new URL(url);
    // As it stands: a parsed URL would have its dots resolved.
    const path = url.slice(origin.length);
    // As a browser does, so that a closing server meets connections that would stay.
    const agent = new Agent({ keepAlive: true });
    onCleanUp(() => agent.destroy());
    return new Promise((resolve, reject) => {
      get(origin, { path, agent, headers }, (response) => resolve(new EventStream(response))).once(
        'error',
        reject,
      );
    });
  }

  private constructor(private readonly response: IncomingMessage) {
    const parser = createParser({
      onEvent: ({ event, id, data }) => this.frames.push({ event, id, data: JSON.parse(data) as unknown }),
      onRetry: (retry) => this.frames.push({ retry }),
      onComment: (comment) => this.frames.push({ comment }),
    });
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      this.tail = (this.tail + text).slice(-2);
      parser.feed(text);
    });
    response.on('end', () => this.finish(this.tail === '\n\n' ? 'ended' : 'aborted'));
    response.on('error', () => this.finish('aborted'));
    response.on('close', () => this.finish('aborted'));
  }

  get status(): number | undefined {
    return this.response.statusCode;
  }

  get headers(): IncomingHttpHeaders {
    return this.response.headers;
  }

  /** How the answer was over: `ended` by the server behind a whole frame, or `aborted`. */
  get over(): 'ended' | 'aborted' | undefined {
    return this.howOver;
  }

  /** The next frame, or undefined when the stream is over. */
  next(): Promise<Frame | undefined> {
    return this.frames.next();
  }

  /** The frames up to the first that is wanted, which is the last of them. */
  async until(isWanted: (frame: Frame) => boolean): Promise<Frame[]> {
    const frames: Frame[] = [];
    for (;;) {
      const frame = await this.next();
      if (frame === undefined) throw new Error(`The stream was over after ${JSON.stringify(frames)}`);
      frames.push(frame);
      if (isWanted(frame)) return frames;
    }
  }

  /** The next `count` entries; other frames are passed over. */
  async entries(count: number): Promise<LogEntry[]> {
    const entries: LogEntry[] = [];
    while (entries.length < count) entries.push(...entriesOf(await this.until(isEntry)));
    return entries;
  }

  /** All frames until the stream is over. */
  async rest(): Promise<Frame[]> {
    const frames: Frame[] = [];
    for (let frame = await this.next(); frame !== undefined; frame = await this.next()) frames.push(frame);
    return frames;
  }

  /** Stops reading from the socket. */
  pause(): void {
    this.response.pause();
  }

  resume(): void {
    this.response.resume();
  }

  /** Hangs up. */
  close(): void {
    this.response.destroy();
  }

  private finish(how: 'ended' | 'aborted'): void {
    this.howOver ??= how;
    this.frames.close();
  }
}

/** Whether a frame is an entry: an event without a name. */
export function isEntry(frame: Frame): frame is EventFrame {
  return 'data' in frame && frame.event === undefined;
}

/** Whether a frame is a comment. */
export function isComment(frame: Frame): boolean {
  return 'comment' in frame;
}

/** Tells frames that are an event of that name. */
export function isEvent(name: string): (frame: Frame) => frame is EventFrame {
  return (frame): frame is EventFrame => 'data' in frame && frame.event === name;
}

/** The entries among frames. */
export function entriesOf(frames: Frame[]): LogEntry[] {
  return frames.filter(isEntry).map((frame) => frame.data as LogEntry);
}

/** The messages among frames. */
export function messagesOf(frames: Frame[]): string[] {
  return entriesOf(frames).map((entry) => entry.message);
}
