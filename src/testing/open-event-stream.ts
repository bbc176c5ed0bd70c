import { once } from 'node:events';
import { get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../session-logger.errors.js';
import { EventStream } from './event-stream.js';
import { DEFAULT_TIMEOUT, notReceived, Patience } from './patience.js';

/** How a stream is asked for. */
export interface EventStreamOptions {
  /** Headers of the request, such as `authorization` or `cookie`. Default none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The id behind which it goes on: {@link EventStream.lastEventId} of the stream before. Default: from the beginning. */
  readonly lastEventId?: string | undefined;
  /** Milliseconds of real time that anything is waited for, whatever a fake clock says, or Infinity. Default 4,000. */
  readonly timeout?: number | undefined;
}

/** Characters of a body that is no stream which an error has. */
const LONGEST_BODY = 16 * 1024;

/**
 * Opens an event stream of an application under test, as a browser does. What is no stream is a matter of supertest.
 *
 * ```ts
 * const stream = await openEventStream(app.getHttpServer(), '/logs/chat-1');
 * const { text, end } = await stream.collect();
 * ```
 *
 * @param server `app.getHttpServer()`, which is made to listen on a free port of 127.0.0.1 where it does not listen, until
 *   `app.close()`; or where it is, such as `http://127.0.0.1:3000`
 * @param path such as `/logs/chat-1?type=chat`
 * @throws SessionLoggerError (as a rejection) `NOT_RECEIVED` where the answer is no event stream, with its `status`,
 *   `headers` and `body` in `details`, or where there is none in time
 */
export async function openEventStream(
  server: Server | string,
  path: string,
  { headers = {}, lastEventId, timeout = DEFAULT_TIMEOUT }: EventStreamOptions = {},
): Promise<EventStream> {
  const origin = typeof server === 'string' ? server : await originOf(server);
  const resumed = lastEventId === undefined ? undefined : { 'last-event-id': lastEventId };
  const patience = new Patience(timeout);
  try {
    const response = await request(
      origin,
      path,
      { accept: 'text/event-stream', ...headers, ...resumed },
      patience,
    );
    response.socket.unref();
    if (isEventStream(response)) return new EventStream(path, response, lastEventId, timeout);
    throw await noStream(path, response);
  } finally {
    patience.end();
  }
}

function isEventStream({ statusCode, headers }: IncomingMessage): boolean {
  return statusCode === 200 && /^text\/event-stream\b/.test(headers['content-type'] ?? '');
}

function request(
  origin: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  { signal }: Patience,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // A connection of its own, so that none is left over when the application closes.
    const asked = get(origin, { path, agent: false, headers }, resolve);
    const giveUp = (): void => void asked.destroy(new Error('no answer in time'));
    signal.addEventListener('abort', giveUp);
    asked.once('error', (error) =>
      reject(notReceived(`GET ${path} of ${origin} was not answered: ${messageOf(error)}`, {}, error)),
    );
  });
}

/** Told with what was answered in place of a stream. */
async function noStream(path: string, response: IncomingMessage): Promise<Error> {
  const { statusCode: status, headers } = response;
  let body = '';
  response.setEncoding('utf8');
  for await (const piece of response) {
    body += piece as string;
    if (body.length > LONGEST_BODY) break;
  }
  const said = body === '' ? '' : `: ${body.slice(0, 200)}`;
  const over = status === 204 ? ' The session has ended, and all of it was received before.' : '';
  return notReceived(
    `GET ${path} was answered ${status} ${headers['content-type'] ?? 'without a type'}${said}; expected 200 text/event-stream.` +
      `${over} For an answer that is no stream use supertest.`,
    { status, headers, body: body.slice(0, LONGEST_BODY) },
  );
}

/** Servers that were made to listen here; two streams may be opened at once. */
const listening = new WeakMap<Server, Promise<unknown>>();

async function originOf(server: Server): Promise<string> {
  if (!server.listening) {
    if (!listening.has(server)) listening.set(server, listen(server));
    await listening.get(server);
  }
  const { address, port } = server.address() as AddressInfo;
  // All addresses of a machine include this one.
  if (address === '::' || address === '0.0.0.0') return `http://127.0.0.1:${port}`;
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** Where a test fails before it closes the application, nothing of this keeps the process from ending. */
function listen(server: Server): Promise<unknown> {
  server.on('connection', (socket) => socket.unref());
  return once(server.listen(0, '127.0.0.1').unref(), 'listening');
}
