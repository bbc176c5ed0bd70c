import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { onCleanUp } from '../support/clean-up.js';

/** Most bytes that a connection carries before it is cut. */
const FARTHEST = 16_384;

/** A TCP proxy that cuts event streams after a random number of bytes: in the head, inside a frame, between two. */
export class CuttingProxy {
  /** How often it has cut. */
  cuts = 0;
  /** Bytes that came from the server. */
  bytes = 0;
  /** Cuts that left a frame unfinished. */
  cutFrames = 0;
  private readonly server = createServer((client) => this.relay(client));
  private readonly sockets = new Set<Socket>();
  private wake = (): void => {};

  /** Listens before the server at `port`. {@link cleanUp} closes it. */
  static async start(port: number, cuts: number, random: () => number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(port, cuts, random);
    onCleanUp(() => proxy.close());
    await once(proxy.server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  private constructor(
    private readonly port: number,
    private readonly limit: number,
    private readonly random: () => number,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resolves once more than `bytes` have come from the server. One caller at a time. */
  async passed(bytes: number): Promise<void> {
    while (this.bytes <= bytes) await new Promise<void>((resolve) => (this.wake = resolve));
  }

  private relay(client: Socket): void {
    const server = connect(this.port, '127.0.0.1');
    let left = Infinity;
    let isHead = true;
    client.on('data', (chunk) => {
      if (chunk.includes('GET /logs/')) left = this.distance();
      isHead = true;
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      this.bytes += chunk.length;
      if (this.cuts < this.limit && left <= chunk.length) {
        server.removeAllListeners('data').destroy();
        this.cut(client, chunk.subarray(0, left), isHead);
      } else client.write(chunk);
      left -= chunk.length;
      isHead = false;
      this.wake();
    });
    this.tie(client, server);
    this.tie(server, client);
  }

  /** Near cuts are the likelier ones: about every tenth is in the head of the answer. */
  private distance(): number {
    return 1 + Math.floor(this.random() ** 2 * FARTHEST);
  }

  private cut(client: Socket, lastWords: Buffer, isHead: boolean): void {
    this.cuts++;
    if (!lastWords.includes('\n\n\r\n', -4)) this.cutFrames++;
    // Chromium takes a head that was closed early for a whole one, and gives up for want of a Content-Type.
    const isReset = isHead || this.random() < 0.5;
    client.write(lastWords, () => (isReset ? client.resetAndDestroy() : client.destroy()));
  }

  /** What becomes of one socket becomes of the other, once it has got what is on its way. */
  private tie(socket: Socket, other: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.sockets.delete(socket);
      other.destroySoon();
    });
  }

  private async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}
