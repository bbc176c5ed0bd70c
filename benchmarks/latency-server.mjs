/** A server that sends time stamps to one client: many a second, then single ones. */
import { subscribe } from 'node:diagnostics_channel';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { endChild, endWithParent, job, nextMessage, startChild } from './child.mjs';
import { chunks } from './fixtures.mjs';

const SESSION = 'session-0';
const WARM_UP_SECONDS = 1;
const { peer: name, perSecond, seconds, singles } = job();

endWithParent();
const padding = chunks(1024);
let published = 0;
/** @type {import('node:net').Socket | undefined} */
let socket;
subscribe('http.server.request.start', (/** @type {any} */ message) => (socket = message.socket));

const peer = await (await import(`./peers/${name}.mjs`)).start();
const client = startChild('./latency-client.mjs', { port: peer.port, sessionId: SESSION });
while (peer.clients() < 1) await sleep(5);

await steady(WARM_UP_SECONDS);
const busy = await steady(seconds);
await sleep(300);
const turns = [];
const idle = await sample(singles, async () => {
  for (let count = 0; count < singles; count++) {
    turns.push(await publishAndCountTurns());
    await sleep(15);
  }
});
process.send?.({ busy, idle, turns: Math.max(...turns) });
await endChild(client);

/** One message each millisecond, or what is due. */
function steady(forSeconds) {
  const count = perSecond * forSeconds;
  return sample(count, async () => {
    const begun = performance.now();
    for (let sent = 0; sent < count;) {
      const due = Math.min(count, ((performance.now() - begun) * perSecond) / 1000);
      for (; sent < due; sent++) await publish();
      await sleep(1);
    }
  });
}

/** @returns {Promise<number[]>} milliseconds from the call to the client */
async function sample(count, send) {
  client.send({ expect: count });
  await nextMessage(client);
  const arrived = nextMessage(client);
  await Promise.all([send(), arrived]);
  return (await arrived).latencies;
}

function publish() {
  const message = `${process.hrtime.bigint()} ${padding[published++ % padding.length]}`;
  return peer.publish([{ sessionId: SESSION, message }]);
}

/** How many turns of the event loop it takes until the bytes are given to the socket. */
async function publishAndCountTurns() {
  const before = socket.bytesWritten;
  void publish();
  let count = 0;
  for (; socket.bytesWritten === before; count++) await turn();
  return count;
}
