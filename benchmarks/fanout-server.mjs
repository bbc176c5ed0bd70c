/** One server under load: lets the clients connect, warms up, then tells how many events a second arrived. */
import { setTimeout as sleep } from 'node:timers/promises';
import { endWithParent, job } from './child.mjs';
import { chunks, sessionIds } from './fixtures.mjs';
import { Load } from './load.mjs';

const WARM_UP_SECONDS = 0.3;
const { peer: name, clients, sessions, perTurn, window, seconds } = job();

endWithParent();
const ids = sessionIds(sessions);
const messages = chunks(4096);
let published = 0;

const peer = await (await import(`./peers/${name}.mjs`)).start();
const load = new Load();
await load.connect({ port: peer.port, sessionIds: ids, clients });
while (peer.clients() < clients) await sleep(5);

let rate = 0;
for (let count = perTurn, took = 0; took < WARM_UP_SECONDS; count *= 2) {
  took = await run(count);
  rate = count / took;
}
const count = Math.max(1, Math.round((rate * seconds) / perTurn)) * perTurn;
const took = await run(count);
process.send?.({ events: count * clients, seconds: took, perSecond: (count * clients) / took });
await load.close();

/** @param {number} count */
function run(count) {
  return load.run({ count, perTurn, window }, () => peer.publish(nextTurn()));
}

/** `perTurn` messages for each session. */
function nextTurn() {
  const turn = [];
  for (let index = 0; index < perTurn; index++) {
    const message = messages[published++ % messages.length];
    for (const sessionId of ids) turn.push({ sessionId, message });
  }
  return turn;
}
