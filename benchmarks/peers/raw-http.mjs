import { entryMaker, frame } from './entries.mjs';
import { listen, RawClients } from './http.mjs';

/**
 * Bare `node:http`, one write an event and client. The bytes are made once for all clients.
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
      for (const { sessionId, message } of turn) {
        const bytes = Buffer.from(frame(makeEntry(sessionId, message)));
        for (const response of clients.of(sessionId)) response.write(bytes);
      }
    },
  };
}
