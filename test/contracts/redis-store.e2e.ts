import { redisStore } from '../../src/redis/index.js';
import { describeSessionStore } from '../../src/testing/index.js';
import { hasRedis, NO_REDIS, RedisServer } from '../support/redis-server.js';

const givenUrl = process.env['REDIS_URL'];

if (givenUrl === undefined && !hasRedis) {
  it.skip(`The Redis store ${NO_REDIS}`, () => {});
} else {
  let server: RedisServer | undefined;
  let run = 0;

  beforeAll(async () => {
    if (givenUrl === undefined) server = await RedisServer.start();
  });
  afterAll(() => server?.stop());

  describeSessionStore(
    { describe, it },
    {
      name: 'redisStore',
      create: () =>
        redisStore({ url: givenUrl ?? server!.url, keyPrefix: `contract:${process.pid}:${++run}:` }),
    },
  );
}
