import { spawnSync } from 'node:child_process';
import { Cluster } from 'ioredis';
import { freePort, RedisServer } from './redis-server.js';

/** Three masters without replicas, on free ports. */
export class RedisCluster {
  private constructor(private readonly servers: readonly RedisServer[]) {}

  static async start(): Promise<RedisCluster> {
    const servers = [];
    for (let n = 0; n < 3; n++) {
      const busPort = String(await freePort());
      servers.push(await RedisServer.start('--cluster-enabled', 'yes', '--cluster-port', busPort));
    }
    const addresses = servers.map(({ port }) => `127.0.0.1:${port}`);
    const { status, stdout } = spawnSync(
      'redis-cli',
      ['--cluster', 'create', ...addresses, '--cluster-yes'],
      {
        encoding: 'utf8',
      },
    );
    if (status !== 0) throw new Error(`No cluster came into being: ${stdout}`);
    return new RedisCluster(servers);
  }

  /** A client that knows one of the nodes. */
  client(): Cluster {
    return new Cluster([{ host: '127.0.0.1', port: this.servers[0]!.port }], { lazyConnect: true });
  }

  async stop(): Promise<void> {
    for (const server of this.servers) await server.stop();
  }
}
