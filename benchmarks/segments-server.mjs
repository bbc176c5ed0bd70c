/** One server whose sessions are followed in one view: tells how many chunks a second arrived. */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { endChild, endWithParent, job, nextMessage, startChild } from './child.mjs';
import { chunks, sessionIds } from './fixtures.mjs';
import { start } from './peers/ours.mjs';

const SECONDS = { warmUp: 0.5, measured: 1.5 };
const { view, clients, sessions, window, perTurn } = job();

endWithParent();
const ids = sessionIds(sessions);
const messages = chunks(4096);
let logged = 0;
let round = 0;

const peer = await start();
const client = startChild('./segments-client.mjs', { port: peer.port, sessionIds: ids, clients, view });
await nextMessage(client);
while (peer.clients() < clients) await sleep(5);
await rounds(SECONDS.warmUp);
process.send?.({ perSecond: await rounds(SECONDS.measured) });
await endChild(client);

/** Rounds for about so long. @param {number} seconds @returns {Promise<number>} chunks a second */
async function rounds(seconds) {
  const begun = process.hrtime.bigint();
  for (let count = 1; ; count++) {
    await oneRound();
    const took = Number(process.hrtime.bigint() - begun) / 1e9;
    if (took >= seconds) return (count * window * clients) / took;
  }
}

/** Logs a window of chunks to each session, and waits until all clients have its mark. */
async function oneRound() {
  const received = nextMessage(client);
  for (let sent = 0; sent < window; sent += perTurn) {
    await peer.publish(ids.flatMap((sessionId) => nextTurn(sessionId)));
    await turn();
  }
  round++;
  await peer.publish(ids.map((sessionId) => ({ sessionId, message: `@${round}@` })));
  await received;
}

/** @param {string} sessionId */
function nextTurn(sessionId) {
  return Array.from({ length: perTurn }, () => ({
    sessionId,
    message: messages[logged++ % messages.length],
  }));
}
