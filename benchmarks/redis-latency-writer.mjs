/** Logs time stamps at a steady rate; they are read here where the store is in memory, else in another process. */
import { setTimeout as sleep } from 'node:timers/promises';
import { endChild, endWithParent, job, nextMessage, startChild } from './child.mjs';
import { chunks } from './fixtures.mjs';
import { latenciesOf } from './latencies.mjs';
import { openOurQueue } from './peers/our-queue.mjs';
import { openEnd } from './peers/two-processes.mjs';

const WARM_UP_SECONDS = 1.5;
const SESSION = 'session-0';
const { peer, url, perSecond, seconds } = job();

endWithParent();
const padding = chunks(1024);
const wanted = { skip: perSecond * WARM_UP_SECONDS, count: perSecond * seconds };
process.send?.({ latencies: await (peer === 'memory store' ? inMemory() : overRedis()) });

async function inMemory() {
  const queue = await openOurQueue([SESSION]);
  const found = latenciesOf(queue.read(SESSION), wanted);
  await steady(queue);
  return found;
}

async function overRedis() {
  const reader = startChild('./redis-latency-reader.mjs', { peer, url, session: SESSION, ...wanted });
  await nextMessage(reader);
  const queue = await openEnd(peer, url);
  const answer = nextMessage(reader);
  await steady(queue);
  const { latencies } = await answer;
  await endChild(reader);
  return latencies;
}

/**
 * One message each millisecond, or what is due. What is logged is awaited at the end.
 *
 * @param {import('./peers/peer.d.mts').Queue} queue
 */
async function steady(queue) {
  const total = wanted.skip + wanted.count;
  const begun = performance.now();
  const logged = [];
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, ((performance.now() - begun) * perSecond) / 1000);
    for (; sent < due; sent++) {
      logged.push(queue.log(`${process.hrtime.bigint()} ${sent} ${padding[sent % padding.length]}`, SESSION));
    }
    await sleep(1);
  }
  await Promise.all(logged);
}
