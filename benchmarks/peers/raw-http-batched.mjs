import { entryMaker, frame } from './entries.mjs';
import { listen, RawClients } from './http.mjs';

/**
 * Bare `node:http`, one write a turn and client: the limit. A turn is all of one session here.
 *
 * @type {import('./peer.d.mts').StartPeer}
 */
export async function start() {
  const clients = new RawClients();
  const makeEntry = entryMaker();
  return {
    port: await listen(clients.accept),
    clients: () => clients.count,
    publish: (turn) => {
      let frames = '';
      for (const { sessionId, message } of turn) frames += frame(makeEntry(sessionId, message));
      const bytes = Buffer.from(frames);
      for (const response of clients.of(turn[0].sessionId)) response.write(bytes);
    },
  };
}
