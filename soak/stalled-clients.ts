/** A child: clients that never read, and one that does and measures how old entries are when they arrive. */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { answer } from './child.js';
import { EventReader } from './event-reader.js';
import { percentile } from './numbers.js';

const PATH = '/logs/s-0';
const AT_ONCE = 10;

let reader: EventReader | undefined;
let stalled: Socket[] = [];
/** Of the entries of the current second, in microseconds. */
let ages: number[] = [];

/** What is wrong with what the one that reads got. */
let wrong: string | undefined;

const calls = {
  /** Has the one read. */
  read: (port: number): void => {
    const url = `http://127.0.0.1:${port}${PATH}`;
    const onLoss = (how: string): void => void (wrong ??= `The one that reads lost its stream: ${how}`);
    reader = new EventReader(url, undefined, onLoss, ({ event, data }) => {
      const now = Number(process.hrtime.bigint() / 1_000n);
      if (event === 'gap') wrong ??= `The one that reads lost entries: ${data}`;
      if (event === undefined) ages.push(now - Number(/"message":"(\d+)/.exec(data)![1]));
    });
  },
  /** The 99th percentile of the ages in each of the coming seconds, in milliseconds. */
  measure: async (seconds: number): Promise<number[]> => {
    const each: number[] = [];
    while (each.length < seconds) {
      ages = [];
      await delay(1_000);
      if (wrong !== undefined) throw new Error(wrong);
      each.push(percentile(ages, 0.99) / 1_000);
    }
    return each;
  },
  hangUp: (): void => reader?.hangUp(),
  /** Connects clients that never read a byte, one after another: each is sent another piece of the log. */
  stall: async ({ port, count }: { port: number; count: number }): Promise<void> => {
    while (stalled.length < count) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.pause();
      socket.write(`GET ${PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      stalled.push(socket);
      if (stalled.length % AT_ONCE === 0) await delay(AT_ONCE);
    }
  },
  leave: (): void => {
    for (const socket of stalled) socket.destroy();
    stalled = [];
  },
};

export type StalledCalls = typeof calls;
answer(calls);
