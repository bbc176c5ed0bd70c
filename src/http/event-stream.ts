import { ServerResponse } from 'node:http';
import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { StallWatch } from './stall-watch.js';

/** A platform's response: Express' is Node's own, Fastify's reply carries it. */
export type PlatformResponse = ServerResponse | FastifyReplyLike;

/** With the stream that HTTP/2 has: a response does not say there that it was destroyed. */
type StreamedResponse = ServerResponse & { readonly stream?: ServerHttp2Stream };

/** What is used of Fastify's reply. */
interface FastifyReplyLike {
  readonly raw: ServerResponse;
  hijack(): unknown;
  getHeaders(): Record<string, number | string | string[] | undefined>;
}

const HEADERS = {
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
};

/** A response that was taken over from the platform, as a stream. */
export class EventStream {
  /**
   * Where a body without length or chunks is written past the response. Express makes each response a shape
   * of its own, so that the engine has to search for each of its properties: half of an event's cost.
   */
  private readonly socket: Socket | undefined;
  private readonly response: StreamedResponse;

  /**
   * Sends the head; headers that were set earlier are kept.
   *
   * @param breaks whether a client is to notice that it was cut off: a bare body just ends
   */
  constructor(platformResponse: PlatformResponse, headers: Readonly<Record<string, string>>, breaks = false) {
    const response = takeOver(platformResponse);
    for (const [name, value] of Object.entries({ ...HEADERS, ...headers })) response.setHeader(name, value);
    // A client takes what is cut off for whole where the connection was to close anyway, as Node's fetch does.
    if (!breaks && response instanceof ServerResponse) response.setHeader('Connection', 'close');
    const socket = breaks ? undefined : bareSocket(response);
    if (socket !== undefined) response.removeHeader('Transfer-Encoding');
    response.writeHead(200);
    response.flushHeaders();
    this.response = response;
    this.socket = socket;
  }

  get closed(): boolean {
    return this.response.closed;
  }

  /** Calls `listener` once the response is closed, whoever closed it. */
  onClose(listener: () => void): void {
    this.response.on('close', listener);
    this.response.on('error', listener);
  }

  /**
   * Writes at the end of this turn, in one system call with what else is written in it.
   *
   * @returns false where {@link onceDrained} has to be waited for
   */
  write(chunk: string | Buffer): boolean {
    const { socket } = this;
    if (socket === undefined) return this.response.write(chunk);
    if (socket.writableCorked === 0) {
      socket.cork();
      process.nextTick(uncork, socket);
    }
    return socket.write(chunk);
  }

  /** Calls `drained` once when the client has taken what was written, or `stalled` when it takes nothing for `ms`. */
  onceDrained(drained: () => void, ms: number | false, stalled: () => void): void {
    const watch = ms === false ? undefined : new StallWatch(this.response, ms, stalled);
    (this.socket ?? this.response).once('drain', () => {
      watch?.stop();
      drained();
    });
  }

  end(chunk: string): void {
    this.response.end(chunk);
  }

  /** Ends behind what was written, so that the client notices that it is not all. */
  breakOff(): void {
    if (this.response.stream === undefined) this.response.socket?.end();
    else this.destroy();
  }

  destroy(): void {
    // By itself it says that all went well, whereupon a browser takes what it has for the whole.
    if (this.response.stream !== undefined) this.response.stream.close(constants.NGHTTP2_CANCEL);
    this.response.destroy();
  }
}

function rawOf(response: PlatformResponse): StreamedResponse {
  return 'raw' in response ? response.raw : response;
}

/** Whether nothing can be streamed: the client has gone, or asked for the head alone. */
export function isOver(response: PlatformResponse): boolean {
  const raw = rawOf(response);
  return raw.destroyed || raw.stream?.destroyed === true || raw.req.method === 'HEAD';
}

/** Whether it is to wait for another answer on its connection, behind which it may never come. */
export function isQueued(response: PlatformResponse): boolean {
  return rawOf(response).socket === null;
}

/** Has the connection end with the answer: a server that closes waits for those that are kept. */
export function closeBehind(response: PlatformResponse): void {
  const raw = rawOf(response);
  if (raw instanceof ServerResponse) raw.setHeader('Connection', 'close');
}

/** Answers 204, after which an EventSource does not come back. */
export function sendNoContent(response: PlatformResponse): void {
  takeOver(response).writeHead(204).end();
}

/** The connection, unless HTTP/2 frames it or a middleware wants to see what is written. */
function bareSocket(response: ServerResponse): Socket | undefined {
  const isBare = response instanceof ServerResponse && response.write === ServerResponse.prototype.write;
  return isBare ? (response.socket ?? undefined) : undefined;
}

function uncork(socket: Socket): void {
  socket.uncork();
}

function takeOver(response: PlatformResponse): ServerResponse {
  if (!('raw' in response)) return response;
  response.hijack();
  for (const [name, value] of Object.entries(response.getHeaders())) {
    if (value !== undefined) response.raw.setHeader(name, value);
  }
  return response.raw;
}
