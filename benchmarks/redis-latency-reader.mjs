/** Reads what another process logs, and tells how long after it was logged each message came. */
import { setTimeout as sleep } from 'node:timers/promises';
import { endWithParent, job } from './child.mjs';
import { latenciesOf } from './latencies.mjs';
import { openEnd } from './peers/two-processes.mjs';

const { peer, url, session, ...wanted } = job();

endWithParent();
const queue = await openEnd(peer, url);
const latencies = latenciesOf(queue.read(session), wanted);
while (queue.readers() < 1) await sleep(5);
process.send?.({ ready: true });
process.send?.({ latencies: await latencies });
