import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * A server of bare `node:http` on a free port of 127.0.0.1.
 *
 * @param {import('node:http').RequestListener} onRequest
 * @returns {Promise<number>} its port
 */
export async function listen(onRequest) {
  const server = createServer(onRequest).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}

/**
 * @param {import('node:http').IncomingMessage} request of `/logs/:sessionId`
 * @returns {string}
 */
export function sessionIdOf({ url = '' }) {
  return url.slice('/logs/'.length);
}

/** The responses of bare `node:http`, by session. */
export class RawClients {
  count = 0;
  /** @type {Map<string, Set<import('node:http').ServerResponse>>} */
  #bySession = new Map();

  /** @type {import('node:http').RequestListener} */
  accept = (request, response) => {
    const sessionId = sessionIdOf(request);
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
    response.flushHeaders();
    this.#bySession.set(sessionId, this.of(sessionId).add(response));
    this.count++;
  };

  /** @param {string} sessionId */
  of(sessionId) {
    return this.#bySession.get(sessionId) ?? new Set();
  }
}
