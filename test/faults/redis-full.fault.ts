import { jest } from '@jest/globals';
import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
import type { Redis } from 'ioredis';
import {
  SessionLoggerError,
  SINK_FAILED_EVENT,
  type SessionLoggerService,
  type SinkFailedEvent,
} from 'nestjs-session-logger';
import { AsyncQueue } from '../support/async-queue.js';
import { cleanUp } from '../support/clean-up.js';
import { freePort, hasRedis, NO_REDIS } from '../support/redis-server.js';
import { endSession, logChat, type TestApp } from '../support/test-app.js';
import { until } from '../support/turns.js';
import {
  connect,
  Follower,
  openStream,
  startRedis,
  startReplica,
  takeFrom,
  texts,
  type Seen,
} from './redis-bench.js';

jest.setTimeout(30_000);
afterEach(cleanUp);

if (!hasRedis) process.stderr.write(`redis-full.fault.ts ${NO_REDIS}.\n`);

/** Entries that may wait. */
const BOUND = 20;

/** What Redis is done to, and how that is undone. */
interface Trouble {
  readonly cause: (admin: Redis) => Promise<unknown>;
  readonly heal: (admin: Redis) => Promise<unknown>;
}

const FULL: Trouble = {
  cause: async (admin) => {
    const used = Number(/used_memory:(\d+)/.exec(await admin.info('memory'))![1]);
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
    await admin.config('SET', 'maxmemory', used + 64 * 1024);
  },
  heal: (admin) => admin.config('SET', 'maxmemory', 0),
};
const READ_ONLY: Trouble = {
  cause: async (admin) => admin.replicaof('127.0.0.1', await freePort()),
  heal: (admin) => admin.replicaof('NO', 'ONE'),
};

/** Text of 4 KiB that begins with a number. */
function large(at: number): string {
  return `${at} ${'x'.repeat(4_096)}`;
}

/** The numbers that messages begin with; `missed` stands for each that a gap told. */
function numbersIn(seen: Seen[]): (number | 'missed')[] {
  return seen.flatMap((one): (number | 'missed')[] => {
    if (typeof one === 'string') return [Number.parseInt(one, 10)];
    expect(one.gap).toBe('evicted');
    return Array.from({ length: one.missed! }, () => 'missed');
  });
}

/** Logs large entries from a number on, a batch each, until more than `drops` were dropped; returns the next number. */
async function logUntilDropped(logs: SessionLoggerService, from: number, drops: number): Promise<number> {
  let at = from;
  for (; logs.stats().store.dropped <= drops; at++) {
    await logs.logChunkToQueue(large(at), 's');
    const distributed = at - from + 1;
    await until(() => logs.stats().queue.entries === 0);
    expect(distributed).toBeLessThan(1_000);
    expect(logs.stats().store.pending).toBeLessThanOrEqual(2 * BOUND);
  }
  return at;
}

(hasRedis ? describe : describe.skip)('Redis that takes nothing', () => {
  describe.each([
    ['as its memory is full', FULL],
    ['as it is read-only', READ_ONLY],
  ])('%s', (_, { cause, heal }) => {
    it('has entries wait, the oldest go, and readers told how many; it goes on by itself', async () => {
      const server = await startRedis();
      const admin = connect(server);
      const other = await startReplica(server);
      const app = await startReplica(server, { limits: { sinkEntries: BOUND } });
      const readers = [new Follower(app.logs, 's'), new Follower(other.logs, 's')];
      const stream = await openStream(other, 's');
      await logChat(app.logs, 's', large(0));
      await cause(admin);
      const count = await logUntilDropped(app.logs, 1, 7);
      expect(app.logs.isHealthy()).toBe(false);
      expect(app.logger.warnings.join()).toContain(
        'Redis does not take entries; they wait and are tried again',
      );
      expect(app.logger.warnings.join()).toContain('its queue is full');
      await heal(admin);
      await app.logs.distribute({ finite: true });
      await until(() => app.logs.isHealthy());
      await logChat(app.logs, 's', large(count));
      await endSession(app.logs, 's');
      const { dropped, failed, pending, written } = app.logs.stats().store;
      expect({ failed, pending, all: written + dropped }).toEqual({ failed: 0, pending: 0, all: count + 2 });
      const [seen, same] = await Promise.all(readers.map((reader) => reader.rest()));
      expect(same).toEqual(seen);
      expect(await takeFrom(stream, seen!.length)).toEqual(seen);
      const numbers = numbersIn(seen!);
      expect(numbers.filter((number) => number === 'missed')).toHaveLength(dropped);
      expect(numbers.map((number, at) => (number === 'missed' ? at : number))).toEqual(
        Array.from({ length: count + 1 }, (_, at) => at),
      );
    });

    it('holds a new session up like any other, and takes it later', async () => {
      const server = await startRedis();
      const admin = connect(server);
      const { logs } = await startReplica(server);
      await logChat(logs, 'known', 'a');
      await cause(admin);
      await admin.config('SET', 'maxmemory', 1);
      await logs.logChunkToQueue('a', 'new');
      const outcome = await Promise.race([
        logs.distribute({ finite: true }).then(() => 'stored'),
        until(() => (logs.stats().troubles['store'] ?? 0) > 0).then(() => 'waits'),
      ]);
      expect(outcome).toBe('waits');
      await admin.config('SET', 'maxmemory', 0);
      await heal(admin);
      const reader = new Follower(logs, 'new');
      await endSession(logs, 'new');
      expect(await reader.rest()).toEqual(['a']);
    });
  });
});

/** The keys of session `s`. */
const META = 'session-logger:{s}:meta';
const LOG = 'session-logger:{s}:log';

(hasRedis ? describe : describe.skip)('keys that something else has written to', () => {
  async function start(): Promise<{
    app: TestApp;
    admin: Redis;
    failures: AsyncQueue<SinkFailedEvent>;
  }> {
    const { url } = await startRedis();
    const app = await startReplica({ url }, {}, {}, { imports: [EventEmitterModule.forRoot()] });
    const failures = new AsyncQueue<SinkFailedEvent>();
    app.app.get(EventEmitter2).on(SINK_FAILED_EVENT, (event: SinkFailedEvent) => failures.push(event));
    return { app, admin: connect({ url }), failures };
  }

  const garbage = async (admin: Redis): Promise<unknown> =>
    admin.hset(META, { epoch: '?', last: 'many', x: 'y' });

  it.each<[string, (admin: Redis) => Promise<unknown>]>([
    ['a text at its meta key', (admin) => admin.set(META, 'garbage')],
    ['a hash without an epoch at its meta key', (admin) => admin.hset(META, { other: 'hash' })],
    ['a hash of garbage at its meta key', garbage],
  ])('%s: only that session fails, by name, until they are deleted', async (_, spoil) => {
    const { app, admin, failures } = await start();
    const { logs } = app;
    await spoil(admin);
    await logs.logChunkToQueue('lost', 's');
    await logs.logChunkToQueue('a', 'other');
    await logs.logChunkToQueue('lost too', 's');
    await logs.distribute({ finite: true });
    const { sink, lost, error } = (await failures.next())!;
    expect({ sink, lost }).toEqual({ sink: 'store', lost: 2 });
    expect(error).toBeInstanceOf(SessionLoggerError);
    expect((error as SessionLoggerError).details).toMatchObject({ sessionId: 's', written: 1 });
    expect(app.logger.warnings.join()).toContain('of session s:');
    expect(logs.stats().store).toMatchObject({ written: 1, failed: 2, pending: 0 });
    expect(await new Follower(logs, 's').over).toBe('BROKEN_SESSION');
    expect(await new Follower(logs, 's', { from: 'now' }).over).toBe('BROKEN_SESSION');
    await expect(logs.getSessionHistory('s')).rejects.toMatchObject({ code: 'BROKEN_SESSION' });
    await expect(logs.pop('s').next()).rejects.toMatchObject({ code: 'BROKEN_SESSION' });
    expect((await logs.listSessions()).sessions.map(({ sessionId }) => sessionId)).toEqual(['other']);
    expect(await takeFrom(await openStream(app, 'other'), 1)).toEqual(['a']);
    await admin.del(META);
    await logChat(logs, 's', 'anew');
    await endSession(logs, 's');
    expect(await new Follower(logs, 's').rest()).toEqual(['anew']);
    expect(await takeFrom(await openStream(app, 's'), 1)).toEqual(['anew']);
    expect(logs.isHealthy()).toBe(true);
  });

  it('a list in place of its log: only that session fails; its readers are told', async () => {
    const { app, admin, failures } = await start();
    const { logs } = app;
    const reader = new Follower(logs, 's');
    await logChat(logs, 's', 'a');
    expect(await reader.take(1)).toEqual(['a']);
    await admin.del(LOG);
    await admin.rpush(LOG, 'garbage');
    await logs.logChunkToQueue('lost', 's');
    await logs.logChunkToQueue('a', 'other');
    await logs.distribute({ finite: true });
    expect(await failures.next()).toMatchObject({ lost: 1, error: { details: { sessionId: 's' } } });
    expect(await new Follower(logs, 's', { from: 'start' }).over).toBe('BROKEN_SESSION');
    await logChat(logs, 'other', 'b');
    expect(await takeFrom(await openStream(app, 'other'), 2)).toEqual(['a', 'b']);
  });

  it('a list in place of its log, and a batch of more than one call: the others still go on', async () => {
    const { app, admin, failures } = await start();
    const { logs } = app;
    await logChat(logs, 's', 'a');
    await admin.del(LOG);
    await admin.rpush(LOG, 'garbage');
    for (const text of texts('lost', 1_000)) void logs.logChunkToQueue(text, 's');
    await logs.distribute({ finite: true });
    expect(await failures.next()).toMatchObject({ lost: 1_000, error: { details: { sessionId: 's' } } });
    await logChat(logs, 'other', 'b');
    expect(await takeFrom(await openStream(app, 'other'), 1)).toEqual(['b']);
  });

  it('under a live reader: it fails, a stream is over, and neither is counted as open any more', async () => {
    const { app, admin } = await start();
    const { logs } = app;
    const reader = new Follower(logs, 's');
    await logChat(logs, 's', 'a');
    expect(await reader.take(1)).toEqual(['a']);
    const stream = await openStream(app, 's');
    expect(await takeFrom(stream, 1)).toEqual(['a']);
    await admin.set(META, 'garbage');
    expect(await reader.over).toBe('BROKEN_SESSION');
    expect(await stream.rest()).toEqual([]);
    await until(() => logs.stats().readers === 0);
  });

  it('an entry of theirs in its log: it fails from there on, what is before it comes', async () => {
    const { app, admin, failures } = await start();
    const { logs } = app;
    await logChat(logs, 's', 'a');
    await admin.xadd(LOG, '9-0', 'other', 'entry');
    expect(await new Follower(logs, 's').take(1)).toEqual(['a']);
    await logs.logChunkToQueue('lost', 's');
    await logs.logChunkToQueue('b', 'other');
    await logs.distribute({ finite: true });
    expect(await failures.next()).toMatchObject({ lost: 1, error: { details: { sessionId: 's' } } });
    expect(await takeFrom(await openStream(app, 'other'), 1)).toEqual(['b']);
  });

  it('a list in place of the log of a session that is not there yet gives way to it', async () => {
    const { app, admin } = await start();
    const { logs } = app;
    await admin.rpush(LOG, 'garbage');
    await logChat(logs, 's', 'a');
    await endSession(logs, 's');
    expect(await new Follower(logs, 's').rest()).toEqual(['a']);
  });
});
