import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { onCleanUp } from '../support/clean-up.js';

/** A client's connection, and the one to Redis that stands for it. */
interface Line {
  readonly client: Socket;
  readonly redis: Socket;
  /** Requests that are kept back. */
  readonly held: Buffer[];
  isHeld: boolean;
}

/** Stands between a store and its Redis, to cut lines and to lose answers. {@link cleanUp} closes it. */
export class RedisProxy {
  private readonly lines = new Set<Line>();
  /** What is done to the line on which a request with that text comes. */
  private readonly plans = new Map<string, (line: Line) => void>();
  private requests = '';
  private isCutOff = false;

  static async start(redisPort: number): Promise<RedisProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RedisProxy(server, redisPort);
  }

  private constructor(
    private readonly server: Server,
    private redisPort: number,
  ) {
    server.on('connection', (client) => this.join(client));
    onCleanUp(async () => {
      this.cutOff();
      server.close();
      await once(server, 'close');
    });
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Cuts all lines, and lets nobody through until {@link letThrough}. */
  cutOff(): void {
    this.isCutOff = true;
    for (const line of this.lines) cut(line);
  }

  /** Cuts all lines; who comes back meets another server. */
  moveTo(redisPort: number): void {
    this.redisPort = redisPort;
    for (const line of this.lines) cut(line);
  }

  letThrough(): void {
    this.isCutOff = false;
  }

  /** Cuts the line on which the next request with `text` comes, once Redis has answered; nobody is told the answer. */
  loseAnswer(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.plans.set(text, (line) => {
        line.redis.removeAllListeners('data');
        line.redis.once('data', () => {
          cut(line);
          resolve();
        });
      });
    });
  }

  /** Keeps back the answer to the next request with `text`, and all that follow; resolves with what lets them go. */
  holdAnswer(text: string): Promise<() => void> {
    return new Promise((resolve) => {
      this.plans.set(text, ({ client, redis }) => {
        const held: Buffer[] = [];
        redis.removeAllListeners('data');
        redis.on('data', (data) => held.push(data));
        redis.once('data', () =>
          resolve(() => {
            redis.removeAllListeners('data');
            for (const data of held) client.write(data);
            redis.on('data', (data) => client.write(data));
          }),
        );
      });
    });
  }

  /** Keeps back the next request with `text`, and all that follow; resolves with what lets them go. */
  holdRequest(text: string): Promise<() => void> {
    return new Promise((resolve) => {
      this.plans.set(text, (line) => {
        line.isHeld = true;
        resolve(() => {
          line.isHeld = false;
          for (const data of line.held.splice(0)) line.redis.write(data);
        });
      });
    });
  }

  /** How often `text` has come in requests since it was asked for last. */
  takeCount(text: string): number {
    const count = this.requests.split(text).length - 1;
    this.requests = '';
    return count;
  }

  private join(client: Socket): void {
    if (this.isCutOff) return void client.destroy();
    const redis = connect(this.redisPort, '127.0.0.1');
    const line: Line = { client, redis, held: [], isHeld: false };
    this.lines.add(line);
    client.on('data', (data) => {
      this.plan(line, data.toString('latin1'));
      if (line.isHeld) line.held.push(data);
      else redis.write(data);
    });
    redis.on('data', (data) => client.write(data));
    for (const socket of [client, redis]) {
      socket.on('error', () => cut(line));
      socket.on('close', () => {
        cut(line);
        this.lines.delete(line);
      });
    }
  }

  private plan(line: Line, request: string): void {
    this.requests += request;
    for (const [text, begin] of this.plans) {
      if (!request.includes(text)) continue;
      this.plans.delete(text);
      begin(line);
    }
  }
}

function cut({ client, redis }: Line): void {
  client.destroy();
  redis.destroy();
}
