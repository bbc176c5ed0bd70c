import { jest } from '@jest/globals';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { EventSource } from 'eventsource';
import { redisStore } from 'nestjs-session-logger/redis';
import { parsePosition } from '../../src/entry/position.js';
import { seeded } from '../clients/seeded.js';
import { cleanUp, onCleanUp } from '../support/clean-up.js';
import { freePort, hasRedis, NO_REDIS, RedisServer } from '../support/redis-server.js';
import { startApp } from '../support/test-app.js';

const REPLICAS = 3;
const SESSIONS = 20;
const RECONNECTS = 1_000;
const KILLS = 20;
/** Connections are cut after so many bytes at the most. */
const FARTHEST = 30_000;

jest.setTimeout(240_000);
afterEach(cleanUp);

/** A process that serves; it may be killed at any time, and is started again on its port. */
class Replica {
  private process!: ChildProcess;

  constructor(
    private readonly url: string,
    readonly port: number,
  ) {}

  async start(): Promise<void> {
    const script = fileURLToPath(new URL('replica.mjs', import.meta.url));
    this.process = fork(script, [JSON.stringify({ url: this.url, port: this.port })], { execArgv: [] });
    const child = this.process;
    onCleanUp(() => child.kill('SIGKILL'));
    await once(child, 'message');
  }

  /** Resolves to whether it could tell that Redis has the messages. */
  async log(sessionId: string, messages: readonly string[]): Promise<boolean> {
    const { process: child } = this;
    if (!child.connected) return false;
    const answered = new AbortController();
    const { signal } = answered;
    child.send({ sessionId, messages }, () => {});
    const answer = once(child, 'message', { signal }).then(() => true);
    const exit = once(child, 'exit', { signal }).then(() => false);
    const isStored = await Promise.race([answer, exit]);
    answered.abort();
    await Promise.allSettled([answer, exit]);
    return isStored;
  }

  async kill(): Promise<void> {
    const gone = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await gone;
    await this.start();
  }
}

/** A round-robin proxy that cuts connections after a random number of bytes. */
class RoundRobin {
  cuts = 0;
  private next = 0;
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((client) => this.relay(client));

  constructor(
    private readonly ports: readonly number[],
    private readonly random: () => number,
  ) {}

  async start(): Promise<string> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    onCleanUp(() => {
      this.server.close();
      for (const socket of this.sockets) socket.destroy();
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private relay(client: Socket): void {
    const server = connect(this.ports[this.next++ % this.ports.length]!, '127.0.0.1');
    let left = this.cuts < RECONNECTS ? 1 + this.random() ** 2 * FARTHEST : Infinity;
    client.on('data', (chunk) => server.write(chunk));
    server.on('data', (chunk) => {
      client.write(chunk.subarray(0, left));
      left -= chunk.length;
      if (left > 0) return;
      this.cuts++;
      client.destroySoon();
      server.destroy();
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroySoon();
      });
    }
  }
}

/** A client that comes back whatever happens, and what it was told. */
function follow(url: string): { told: string[]; over: Promise<void> } {
  const told: string[] = [];
  const over = new Promise<void>((resolve) => {
    let lastId: string | undefined;
    const open = (): void => {
      // A connection that is refused or cut in its head makes an EventSource give up, as a browser does.
      const source = new EventSource(lastId === undefined ? url : `${url}?lastEventId=${lastId}`);
      onCleanUp(() => source.close());
      for (const type of ['message', 'position', 'gap', 'end']) {
        source.addEventListener(type, ({ data, lastEventId }: { data: string; lastEventId: string }) => {
          lastId = lastEventId;
          if (type === 'message') told.push((JSON.parse(data) as { message: string }).message);
          else if (type === 'gap') told.push(`gap ${data}`);
          else if (type === 'end') {
            source.close();
            resolve();
          }
        });
      }
      source.addEventListener('error', () => {
        if (source.readyState !== EventSource.CLOSED) return;
        source.close();
        setImmediate(open);
      });
    };
    open();
  });
  return { told, over };
}

const describeReplicas = hasRedis ? describe : describe.skip;

describeReplicas(`Replicas behind a round-robin proxy${hasRedis ? '' : ` ${NO_REDIS}`}`, () => {
  it('that are killed and cut off tell each client the exact sequence', tellAll);
});

async function tellAll(): Promise<void> {
  const random = seeded(5);
  const redis = await RedisServer.start();
  onCleanUp(() => redis.stop());
  const replicas: Replica[] = [];
  for (let n = 0; n < REPLICAS; n++) replicas.push(new Replica(redis.url, await freePort()));
  await Promise.all(replicas.map((replica) => replica.start()));
  const proxy = new RoundRobin(
    replicas.map(({ port }) => port),
    random,
  );
  const url = await proxy.start();
  const clients = Array.from({ length: SESSIONS }, (_, n) => follow(`${url}/logs/s${n}`));
  const logged: string[][] = clients.map(() => []);

  const store = redisStore({ url: redis.url });
  const { logs } = await startApp({ store });
  const countStored = async (n: number): Promise<number> => {
    const reader = await store.open(`s${n}`, 'now');
    reader.close();
    return parsePosition(reader.position)!.offset;
  };

  /** Logged by one replica after the other; what a killed one has not stored is logged by the next. */
  const log = async (n: number, messages: readonly string[], killing: Promise<void>): Promise<void> => {
    const before = logged[n]!.length;
    logged[n]!.push(...messages);
    let rest = messages;
    while (rest.length > 0) {
      const isStored = await replicas[Math.floor(random() * REPLICAS)]!.log(`s${n}`, rest);
      if (isStored) return;
      await killing;
      rest = messages.slice((await countStored(n)) - before);
    }
  };

  let kills = 0;
  for (let round = 0; proxy.cuts < RECONNECTS || kills < KILLS; round++) {
    const n = round % SESSIONS;
    const from = logged[n]!.length;
    const messages = Array.from(
      { length: 1 + Math.floor(random() * 60) },
      (_, at) => `${from + at} ${'ü'.repeat(random() * 100)}`,
    );
    const isKilling = random() < 0.01 && kills < KILLS;
    if (isKilling) kills++;
    const killing = isKilling ? replicas[Math.floor(random() * REPLICAS)]!.kill() : Promise.resolve();
    await Promise.all([log(n, messages, killing), killing]);
  }
  for (let n = 0; n < SESSIONS; n++) await logs.endSession(`s${n}`);
  await Promise.all(clients.map(({ over }) => over));
  for (const [n, { told }] of clients.entries()) expect(told).toEqual(logged[n]);
  expect([proxy.cuts >= RECONNECTS, kills]).toEqual([true, KILLS]);
}
