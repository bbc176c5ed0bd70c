/** A server with idle clients: tells what each of them costs, in bytes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { endWithParent, job } from './child.mjs';
import { sessionIds } from './fixtures.mjs';
import { Load } from './load.mjs';
import { settledMemory } from './settled-memory.mjs';

const WARM_UP_CLIENTS = 200;
const { peer: name, clients } = job();

endWithParent();
const peer = await (await import(`./peers/${name}.mjs`)).start();
const ids = sessionIds(clients);
await (await connected(WARM_UP_CLIENTS)).close();
while (peer.clients() > 0) await sleep(5);

const before = await settledMemory();
const load = await connected(clients);
const after = await settledMemory();
process.send?.({ heap: (after.heap - before.heap) / clients, rss: (after.rss - before.rss) / clients });
await load.close();

/** @param {number} count */
async function connected(count) {
  const load = new Load();
  await load.connect({ port: peer.port, sessionIds: ids, clients: count });
  while (peer.clients() < count) await sleep(5);
  return load;
}
