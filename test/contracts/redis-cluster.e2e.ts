import type { Cluster } from 'ioredis';
import { redisStore } from '../../src/redis/index.js';
import { describeSessionStore } from '../../src/testing/index.js';
import { RedisCluster } from '../support/redis-cluster.js';
import { hasRedis, NO_REDIS } from '../support/redis-server.js';

if (!hasRedis) {
  it.skip(`The Redis store on a Cluster ${NO_REDIS}`, () => {});
} else {
  let cluster: RedisCluster;
  let client: Cluster;
  let run = 0;

  beforeAll(async () => {
    cluster = await RedisCluster.start();
    client = cluster.client();
  }, 30_000);
  afterAll(async () => {
    client.disconnect();
    await cluster.stop();
  });

  describeSessionStore(
    { describe, it },
    {
      name: 'redisStore on a Cluster',
      create: () => redisStore({ client, keyPrefix: `contract:${++run}:` }),
    },
  );
}
