/** Rounds of our queue and a bare one in turns, the bare one first and last. */
import { setImmediate as turn } from 'node:timers/promises';
import { endWithParent, job } from './child.mjs';
import { chunks, sessionIds } from './fixtures.mjs';
import { openBareQueue } from './peers/bare-queue.mjs';
import { openOurQueue } from './peers/our-queue.mjs';

const { sessions, entries, rounds } = job();
const ids = sessionIds(sessions);
const messages = chunks(4096);

endWithParent();
await round(openBareQueue);
await round(openOurQueue);
const bare = [await round(openBareQueue)];
const ours = [];
for (let count = 0; count < rounds; count++) {
  ours.push(await round(openOurQueue));
  bare.push(await round(openBareQueue));
}
process.send?.({ ours, bare });

/**
 * @param {import('./peers/peer.d.mts').OpenQueue} open
 * @returns {Promise<number>} entries a second
 */
async function round(open) {
  const queue = await open(ids);
  let missing = entries;
  /** @type {() => void} */
  let allRead = () => {};
  const done = new Promise((resolve) => (allRead = () => resolve(undefined)));
  const readers = ids.map((id) =>
    read(queue.read(id), () => {
      if (--missing === 0) allRead();
    }),
  );
  await turn();
  globalThis.gc?.();
  const begun = performance.now();
  for (let index = 0; index < entries; index++) {
    await queue.log(messages[index % messages.length], ids[index % sessions]);
  }
  await done;
  const took = performance.now() - begun;
  await queue.close();
  await Promise.all(readers);
  return (entries / took) * 1000;
}

/**
 * @param {AsyncIterable<string>} messages
 * @param {() => void} onMessage
 */
async function read(messages, onMessage) {
  for await (const message of messages) if (message !== '') onMessage();
}
