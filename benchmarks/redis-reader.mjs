/** The process that serves the clients what another one writes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { endWithParent, job } from './child.mjs';

const { peer: name, url, clients: wanted } = job();

endWithParent();
const { startReader } = await import(`./peers/${name}.mjs`);
const { port, clients } = await startReader(url);
process.send?.({ port });
while (clients() < wanted) await sleep(5);
process.send?.({ ready: true });
