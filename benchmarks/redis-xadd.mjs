/** Bare ioredis: entries a second that Redis confirms, and nobody reads. */
import { setImmediate as turn } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { endWithParent, job } from './child.mjs';
import { chunks, sessionIds } from './fixtures.mjs';

const WARM_UP_SECONDS = 0.5;
const { url, sessions, window, seconds } = job();

endWithParent();
const redis = new Redis(url, { enableAutoPipelining: true });
const ids = sessionIds(sessions);
const messages = chunks(4096);
let published = 0;
const confirmed = { count: 0 };
let time = 0;
let timestamp = '';
let wake = () => {};

let rate = 0;
for (let count = 1, took = 0; took < WARM_UP_SECONDS; count *= 2) {
  took = await run(count);
  rate = count / took;
}
const count = Math.max(1, Math.round(rate * seconds));
const took = await run(count);
for (const id of ids) await check(id);
process.send?.({ entries: count * sessions, seconds: took, perSecond: (count * sessions) / took });

/** One entry of each session in a turn of the event loop, as the others. */
async function run(count) {
  const begun = performance.now();
  const wanted = confirmed.count + count * sessions;
  for (let sent = 0; sent < count; sent++) {
    while ((published + 1 - window) * sessions > confirmed.count) await progress();
    for (const id of ids) redis.xadd(id, '*', 'entry', entryOf(published)).then(confirm, fail);
    published++;
    await turn();
  }
  while (confirmed.count < wanted) await progress();
  return (performance.now() - begun) / 1000;
}

/** What the package stores of an entry. */
function entryOf(index) {
  const uid = `01234567-${index}`;
  const now = Date.now();
  if (now !== time) {
    time = now;
    timestamp = new Date(now).toISOString();
  }
  return JSON.stringify({ uid, timestamp, logType: 'chat', message: messages[index % messages.length] });
}

function confirm() {
  confirmed.count++;
  wake();
}

function fail(error) {
  throw error;
}

function progress() {
  return new Promise((resolve) => (wake = () => resolve(undefined)));
}

async function check(id) {
  const stored = await redis.xrange(id, '-', '+');
  const isRight = ([, [, text]], at) => JSON.parse(text).message === messages[at % messages.length];
  if (stored.length !== published || !stored.every(isRight)) throw new Error(`${id}: not what was added`);
}
