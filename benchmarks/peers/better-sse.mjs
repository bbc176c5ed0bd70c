import { createChannel, createSession } from 'better-sse';
import { entryMaker } from './entries.mjs';
import { listen, sessionIdOf } from './http.mjs';

/**
 * better-sse, a channel a session, on bare `node:http`. The JSON is made once for all clients.
 *
 * @type {import('./peer.d.mts').StartPeer}
 */
export async function start() {
  /** @type {Map<string, import('better-sse').Channel>} */
  const channels = new Map();
  let clients = 0;
  const makeEntry = entryMaker();
  const channelOf = (/** @type {string} */ sessionId) => {
    let channel = channels.get(sessionId);
    if (channel === undefined) channels.set(sessionId, (channel = createChannel()));
    return channel;
  };
  /** @type {(...exchange: Parameters<import('node:http').RequestListener>) => Promise<void>} */
  const accept = async (request, response) => {
    const session = await createSession(request, response, { serializer: String });
    channelOf(sessionIdOf(request)).register(session);
    clients++;
  };
  const port = await listen((request, response) => void accept(request, response));
  return {
    port,
    clients: () => clients,
    publish: (turn) => {
      for (const { sessionId, message } of turn) {
        const { id, json } = makeEntry(sessionId, message);
        channelOf(sessionId).broadcast(json, 'message', { eventId: id });
      }
    },
  };
}
