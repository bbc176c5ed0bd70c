/** All clients of one run, in a process of their own: tells of each mark when all have it. */
import { connect } from 'node:net';
import { endWithParent, job } from './child.mjs';

/** Connections that are opened at once. */
const AT_ONCE = 50;

const { port, sessionIds, clients, view } = job();
const buffer = Buffer.allocUnsafe(256 * 1024);
let round = 1;
let mark = Buffer.from(`@${round}@`);
let received = 0;

class Client {
  /** What may be the beginning of a mark that is cut. */
  tail = Buffer.alloc(0);

  /** @param {number} index */
  open(index) {
    const sessionId = sessionIds[index % sessionIds.length];
    return new Promise((resolve, reject) => {
      const callback = (/** @type {number} */ length, /** @type {Buffer} */ bytes) => {
        this.receive(bytes.subarray(0, length));
        return true;
      };
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback } });
      socket.on('error', reject);
      socket.on('connect', resolve);
      socket.on('close', () => process.exit(1));
      socket.write(`GET /logs/${sessionId}?view=${view} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    });
  }

  /** @param {Buffer} bytes */
  receive(bytes) {
    const isMarked =
      bytes.includes(mark) ||
      (this.tail.length > 0 && Buffer.concat([this.tail, bytes.subarray(0, mark.length)]).includes(mark));
    this.tail = Buffer.from(bytes.subarray(-mark.length));
    if (!isMarked || ++received < clients) return;
    received = 0;
    round++;
    mark = Buffer.from(`@${round}@`);
    process.send?.({ received: true });
  }
}

endWithParent();
const all = Array.from({ length: clients }, () => new Client());
for (let from = 0; from < clients; from += AT_ONCE) {
  await Promise.all(all.slice(from, from + AT_ONCE).map((client, index) => client.open(from + index)));
}
process.send?.({ connected: true });
