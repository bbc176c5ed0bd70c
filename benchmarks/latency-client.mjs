/** One client, which tells how long after it was sent each message arrived: messages begin with that time. */
import { get } from 'node:http';
import { endWithParent, job } from './child.mjs';

const { port, sessionId } = job();
let expected = 0;
/** @type {number[]} milliseconds */
let latencies = [];
let rest = '';

endWithParent();
process.on('message', (/** @type {{ expect: number }} */ { expect }) => {
  expected = expect;
  latencies = [];
  process.send?.({ ready: true });
});
get({ port, host: '127.0.0.1', path: `/logs/${sessionId}`, agent: false }, (response) => {
  response.setEncoding('utf8');
  response.on('data', receive);
}).on('error', (error) => {
  throw error;
});

/** @param {string} text */
function receive(text) {
  const now = process.hrtime.bigint();
  const lines = (rest + text).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    const sent = /^data: ?.*"message":"(\d+)/.exec(line)?.[1];
    if (sent !== undefined) latencies.push(Number(now - BigInt(sent)) / 1e6);
  }
  if (latencies.length === expected && expected > 0) process.send?.({ latencies });
}
