import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { endChild, nextMessage, startChild } from './child.mjs';

/** How long something may come that should not, in milliseconds. */
const LATE_MS = 100;

/** The clients of one run, in a process of their own, which tells how far all of them are. */
export class Load {
  /** Events that each client has got. */
  #received = 0;
  /** @type {(message: { received?: number, at?: string, error?: string }) => void} */
  #onMessage = () => {};
  #wake = () => {};
  /** @type {import('node:child_process').ChildProcess} */
  #child;

  /**
   * Resolves when all clients are connected.
   *
   * @param {{ port: number, sessionIds: string[], clients: number }} target
   */
  async connect(target) {
    this.#child = startChild('./load-client.mjs', target);
    await nextMessage(this.#child);
    this.#child.on('message', (message) => this.#onMessage(message));
  }

  /**
   * Has `count` events sent to each client, `perTurn` in each turn of the event loop, and none more than
   * `window` ahead of the slowest client, so that nobody has to buffer without bound.
   *
   * @param {{ count: number, perTurn: number, window: number, keep?: boolean }} run `keep` for {@link check}
   * @param {() => void | Promise<void>} publish sends `perTurn` events to each client
   * @returns {Promise<number>} seconds from the first event until all clients had all
   */
  async run({ count, perTurn, window, keep = false }, publish) {
    this.#received = 0;
    await this.#expect({ expect: count, step: window / 4, keep });
    const begun = process.hrtime.bigint();
    const arrived = this.#arrival();
    for (let sent = 0; sent < count; sent += perTurn) {
      while (sent + perTurn - this.#received > window) await Promise.race([this.#progress(), arrived]);
      await publish();
      await turn();
    }
    return Number((await arrived) - begun) / 1e9;
  }

  /**
   * Whether each client got exactly these messages in the last run, of the session it asked for.
   *
   * @param {string[]} messages
   * @throws where one did not
   */
  async check(messages) {
    await sleep(LATE_MS);
    const answer = new Promise((resolve) => (this.#onMessage = resolve));
    this.#child.send({ check: messages });
    const { error } = await answer;
    if (error !== undefined) throw new Error(error);
  }

  close() {
    return endChild(this.#child);
  }

  #expect(phase) {
    return new Promise((resolve) => {
      this.#onMessage = resolve;
      this.#child.send(phase);
    });
  }

  /** @returns {Promise<bigint>} when the last client had all */
  #arrival() {
    const arrived = new Promise((resolve, reject) => {
      this.#onMessage = ({ received, at, error }) => {
        if (error !== undefined) reject(new Error(error));
        this.#received = received ?? this.#received;
        this.#wake();
        if (at !== undefined) resolve(BigInt(at));
      };
    });
    arrived.catch(() => {});
    return arrived;
  }

  #progress() {
    return new Promise((resolve) => {
      this.#wake = () => resolve(undefined);
    });
  }
}
