/** One process that watches many sessions: tells what that costs while nothing is logged, then reads some entries. */
import { setTimeout as sleep } from 'node:timers/promises';
import { redisStore } from 'nestjs-session-logger/redis';
import { endWithParent, job } from './child.mjs';
import { sessionIds } from './fixtures.mjs';
import { openOurQueue } from './peers/our-queue.mjs';
import { settledMemory } from './settled-memory.mjs';

const WARM_UP_SESSIONS = 200;
const { url, sessions, warmUp, seconds, messages } = job();

endWithParent();
const ids = sessionIds(sessions);
const queue = await openOurQueue(ids, redisStore({ url }));
for (const { reader } of await watch(ids.slice(0, WARM_UP_SESSIONS))) await reader.return?.();

const before = await settledMemory();
const watched = await watch(ids);
const after = await settledMemory();
process.send?.({ heap: (after.heap - before.heap) / sessions });

await sleep(warmUp * 1000);
const begun = { cpu: process.cpuUsage(), at: performance.now() };
await sleep(seconds * 1000);
const { user, system } = process.cpuUsage(begun.cpu);
process.send?.({ cpu: ((user + system) / 1000 / (performance.now() - begun.at)) * 100 });

await Promise.all(watched.map(check));
process.send?.({ checked: true });

/** Resolves when a reader of each session waits. @param {string[]} wanted */
async function watch(wanted) {
  const readers = wanted.map((id) => {
    const reader = queue.read(id)[Symbol.asyncIterator]();
    return { id, reader, first: reader.next() };
  });
  while (queue.readers() < wanted.length) await sleep(20);
  return readers;
}

async function check({ id, reader, first }) {
  let { value } = await first;
  for (const message of messages) {
    if (value !== `${message} ${id}`) throw new Error(`${id}: ${value} came where ${message} was due`);
    if (message !== messages.at(-1)) ({ value } = await reader.next());
  }
}
