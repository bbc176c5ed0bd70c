/** The process that writes: starts the one that reads and its clients, warms up, then tells entries a second. */
import { endChild, endWithParent, job, nextMessage, startChild } from './child.mjs';
import { chunks, sessionIds } from './fixtures.mjs';
import { Load } from './load.mjs';

const WARM_UP_SECONDS = 0.5;
const { peer: name, url, sessions, window, seconds } = job();

endWithParent();
const ids = sessionIds(sessions);
const messages = chunks(4096);
let published = 0;

const { startWriter } = await import(`./peers/${name}.mjs`);
/** @type {import('./peers/peer.d.mts').ReplicaWriter} */
const writer = await startWriter(url, ids);
const reader = startChild('./redis-reader.mjs', { peer: name, url, clients: sessions });
const { port } = await nextMessage(reader);
const ready = nextMessage(reader);
const load = new Load();
await load.connect({ port, sessionIds: ids, clients: sessions });
await ready;

let rate = 0;
for (let count = 1, took = 0; took < WARM_UP_SECONDS; count *= 2) {
  took = await run(count);
  rate = count / took;
}
const count = Math.max(1, Math.round(rate * seconds));
const first = published;
const took = await run(count, true);
await load.check(Array.from({ length: count }, (_, index) => messages[(first + index) % messages.length]));
await writer.check?.();
await load.close();
await endChild(reader);
process.send?.({ entries: count * sessions, seconds: took, perSecond: (count * sessions) / took });

/** @param {number} count entries of each session */
function run(count, keep = false) {
  return load.run({ count, perTurn: 1, window, keep }, () => {
    const message = messages[published++ % messages.length];
    return writer.publish(ids.map((sessionId) => ({ sessionId, message })));
  });
}
