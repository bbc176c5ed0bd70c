/** All clients of one run, in a process of their own: counts what arrives and tells how far all of them are. */
import { connect } from 'node:net';
import { endWithParent, job } from './child.mjs';
import { MAX_CHUNK } from './fixtures.mjs';
import { FrameCounter } from './frame-counter.mjs';
import { checkEvents } from './received-events.mjs';

/** Frames of entries are longer than this, all others are shorter. */
const SHORTEST_ENTRY = 100;
/** How much shorter another entry can be than the shortest one so far: its message, in bytes of UTF-8. */
const SLACK = 4 * MAX_CHUNK;
/** Connections that are opened at once. */
const AT_ONCE = 50;

const { port, sessionIds, clients } = job();
const buffer = Buffer.allocUnsafe(256 * 1024);

let skip = SHORTEST_ENTRY;
let expected = 0;
let step = Infinity;
/** Clients that have got `step` events, twice as many, and so on. @type {number[]} */
let reached = [];
let finished = 0;
/** Whether what arrives is kept, to be checked when all has arrived. */
let keeps = false;

class Client {
  counter = new FrameCounter();
  next = Infinity;
  hasHead = false;
  sessionId = '';
  /** @type {Buffer[]} */
  kept = [];

  /** @param {number} index */
  open(index) {
    this.sessionId = sessionIds[index % sessionIds.length];
    return new Promise((resolve, reject) => {
      const socket = connect({
        port,
        host: '127.0.0.1',
        noDelay: true,
        onread: {
          buffer,
          callback: (length, bytes) => {
            this.receive(length, bytes);
            return true;
          },
        },
      });
      socket.on('error', reject);
      socket.on('connect', resolve);
      socket.on('close', () => process.send?.({ error: `client ${index} was cut off` }));
      socket.write(`GET /logs/${this.sessionId} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    });
  }

  begin() {
    this.kept = [];
    this.counter = new FrameCounter();
    this.next = Math.min(step, expected);
  }

  receive(length, bytes) {
    if (!this.hasHead) return this.receiveHead(bytes.subarray(0, length));
    const { counter } = this;
    if (keeps) this.kept.push(Buffer.from(bytes.subarray(0, length)));
    counter.add(bytes, length, skip);
    while (counter.count >= this.next) this.advance();
  }

  /** Servers send it in one piece. */
  receiveHead(bytes) {
    const end = bytes.indexOf('\r\n\r\n') + 4;
    if (end < 4 || !bytes.toString('latin1', 0, end).startsWith('HTTP/1.1 200 ')) {
      throw new Error(`no stream was opened: ${bytes.toString()}`);
    }
    this.hasHead = true;
    this.receive(bytes.length - end, bytes.subarray(end));
  }

  advance() {
    const count = this.next;
    this.next = count === expected ? Infinity : Math.min(count + step, expected);
    const milestone = Math.ceil(count / step);
    reached[milestone] = (reached[milestone] ?? 0) + 1;
    if (reached[milestone] === clients && count < expected) process.send?.({ received: count });
    if (count === expected && ++finished === clients) {
      process.send?.({ received: count, at: process.hrtime.bigint().toString() });
    }
  }
}

const all = Array.from({ length: clients }, () => new Client());

endWithParent();
process.on(
  'message',
  (/** @type {{ expect: number, step: number, keep: boolean, check?: string[] }} */ phase) => {
    if (phase.check !== undefined) return check(phase.check);
    ({ expect: expected, step, keep: keeps } = phase);
    reached = [];
    finished = 0;
    const shortest = Math.min(...all.map(({ counter }) => counter.shortest));
    if (shortest < Infinity) skip = shortest - SLACK;
    for (const client of all) client.begin();
    process.send?.({ ready: true });
  },
);
for (let from = 0; from < clients; from += AT_ONCE) {
  await Promise.all(all.slice(from, from + AT_ONCE).map((client, index) => client.open(from + index)));
}
process.send?.({ connected: true });

/** Tells whether each client got these messages and nothing else. @param {string[]} messages */
function check(messages) {
  try {
    for (const { kept, sessionId } of all) checkEvents(kept, { sessionId, messages });
    process.send?.({ checked: true });
  } catch (error) {
    process.send?.({ error: error.message });
  }
}
