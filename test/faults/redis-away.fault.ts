import { setImmediate } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { cleanUp } from '../support/clean-up.js';
import { hasRedis, NO_REDIS, type RedisServer } from '../support/redis-server.js';
import { endSession, type TestApp } from '../support/test-app.js';
import { until } from '../support/turns.js';
import {
  connect,
  Follower,
  openStream,
  SHORT,
  startRedis,
  startReplica,
  takeFrom,
  texts,
  untilAnswered,
} from './redis-bench.js';
import { RedisReplica } from './redis-replica.js';

jest.setTimeout(30_000);
afterEach(cleanUp);

if (!hasRedis) process.stderr.write(`redis-away.fault.ts ${NO_REDIS}.\n`);

/** A port at which a Redis can be run. */
async function serverAway(): Promise<RedisServer> {
  const server = await startRedis();
  await server.signal('SIGKILL');
  return server;
}

/** Resolves once an entry was sent, and no answer came in time. */
async function isTriedAgain({ logs }: TestApp): Promise<void> {
  await until(() => (logs.stats().troubles['store'] ?? 0) > 0);
}

(hasRedis ? describe : describe.skip)('Redis away at start', () => {
  it('keeps the application from starting, and the process ends', async () => {
    const { url } = await serverAway();
    const replica = new RedisReplica({ task: 'start', store: { url, ...SHORT, connectTimeout: 200 } });
    expect(await replica.told()).toEqual({ name: 'SessionLoggerError', code: 'STORE_UNAVAILABLE' });
    expect(await replica.exited).toEqual({ code: 0, signal: null });
  });

  it('keeps it from starting also where Redis takes the connection and never answers', async () => {
    const server = await startRedis();
    await server.signal('SIGSTOP');
    const replica = new RedisReplica({
      task: 'start',
      store: { url: server.url, ...SHORT, connectTimeout: 200 },
    });
    expect(await replica.told()).toEqual({ name: 'SessionLoggerError', code: 'STORE_UNAVAILABLE' });
    expect(await replica.exited).toEqual({ code: 0, signal: null });
  });

  it('that buffers, an application starts, and ends although Redis never came', async () => {
    const { url } = await serverAway();
    const replica = new RedisReplica({
      task: 'start',
      store: { url, ...SHORT, connectTimeout: 200 },
      options: { onStoreFailure: 'buffer', limits: { flushTimeout: 200 } },
    });
    expect(await replica.told()).toEqual({ started: true });
    expect(await replica.exited).toEqual({ code: 0, signal: null });
  });

  it('that buffers, all arrives in order once it is there, at readers that came before it too', async () => {
    const server = await serverAway();
    const app = await startReplica(server, { onStoreFailure: 'buffer' }, { connectTimeout: 200 });
    expect(app.logs.isHealthy()).toBe(false);
    expect(app.logger.warnings.join()).toContain('The store cannot be reached yet');
    const early = new Follower(app.logs, 's');
    for (const text of texts('m', 50)) await app.logs.logChunkToQueue(text, 's');
    const stream = openStream(app, 's');
    const waiting = new Follower(app.logs, 's', { from: 'start' });
    await until(() => app.logs.stats().store.pending === 50);
    await server.run();
    expect(await early.take(50)).toEqual(texts('m', 50));
    expect(await takeFrom(await stream, 50)).toEqual(texts('m', 50));
    await app.logs.logChunkToQueue('later', 's');
    await endSession(app.logs, 's');
    expect(await early.rest()).toEqual(['later']);
    expect(await waiting.rest()).toEqual([...texts('m', 50), 'later']);
    await until(() => app.logs.isHealthy());
    expect(app.logs.stats().store).toMatchObject({ written: 52, failed: 0, dropped: 0, pending: 0 });
  });
});

(hasRedis ? describe : describe.skip)('Redis that does not answer', () => {
  /** What stops a server, and what lets it go on. */
  const FREEZES: [string, (server: RedisServer) => Promise<() => Promise<unknown>>][] = [
    [
      'SIGSTOP',
      async (server) => {
        await server.signal('SIGSTOP');
        return () => server.signal('SIGCONT');
      },
    ],
    [
      'CLIENT PAUSE',
      async (server) => {
        const admin = connect(server);
        await admin.client('PAUSE', 600_000, 'WRITE');
        return () => admin.client('UNPAUSE');
      },
    ],
  ];

  it.each(FREEZES)(
    'by %s stops no caller; readers keep their places, each entry comes once',
    async (_, freeze) => {
      const server = await startRedis();
      const [here, there] = [await startReplica(server), await startReplica(server)];
      const readers = [new Follower(here.logs, 's'), new Follower(there.logs, 's')];
      const stream = await openStream(there, 's');
      for (const text of texts('before', 3)) await here.logs.logChunkToQueue(text, 's');
      for (const reader of readers) expect(await reader.take(3)).toEqual(texts('before', 3));
      expect(await takeFrom(stream, 3)).toEqual(texts('before', 3));
      const heal = await freeze(server);
      for (const text of texts('during', 200)) await here.logs.logChunkToQueue(text, 's');
      await isTriedAgain(here);
      expect(here.logs.isHealthy()).toBe(false);
      for (const text of texts('later', 50)) await here.logs.logChunkToQueue(text, 's');
      await heal();
      await here.logs.logChunkToQueue('after', 's');
      await endSession(here.logs, 's');
      const expected = [...texts('during', 200), ...texts('later', 50), 'after'];
      for (const reader of readers) expect(await reader.rest()).toEqual(expected);
      expect(await takeFrom(stream, expected.length)).toEqual(expected);
      expect(here.logs.stats().store).toMatchObject({ written: 255, failed: 0, dropped: 0 });
      await until(() => here.logs.isHealthy() && there.logs.isHealthy());
    },
  );

  it('again and again, has each entry once, in order', async () => {
    const server = await startRedis();
    const app = await startReplica(server, {}, { socketTimeout: 100 });
    const reader = new Follower(app.logs, 's');
    const expected: string[] = [];
    for (let round = 0; round < 8; round++) {
      const before = app.logs.stats().troubles['store'] ?? 0;
      for (const text of texts(`${round}.`, 20)) {
        expected.push(text);
        void app.logs.logChunkToQueue(text, 's');
      }
      // Before they are sent, or while they are on their way.
      for (let turns = 0; turns < round % 4; turns++) await setImmediate();
      await server.signal('SIGSTOP');
      void app.logs.logChunkToQueue(`${round}.frozen`, 's');
      expected.push(`${round}.frozen`);
      await until(() => (app.logs.stats().troubles['store'] ?? 0) > before);
      await server.signal('SIGCONT');
      expect(await reader.take(21)).toEqual(expected.slice(-21));
      await app.logs.distribute({ finite: true });
    }
    await endSession(app.logs, 's');
    expect(await reader.rest()).toEqual([]);
  });

  it('is told by commands of the test: nothing is left of what was sent twice', async () => {
    const server = await startRedis();
    const app = await startReplica(server);
    const admin = connect(server);
    await app.logs.logChunkToQueue('known', 's');
    await app.logs.distribute({ finite: true });
    await server.signal('SIGSTOP');
    await app.logs.logChunkToQueue('once', 's');
    await isTriedAgain(app);
    await server.signal('SIGCONT');
    await app.logs.distribute({ finite: true });
    const length = await untilAnswered(
      () => admin.xlen('session-logger:{s}:log'),
      (found) => found > 1,
    );
    expect(length).toBe(2);
  });
});
