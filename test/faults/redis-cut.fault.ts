import { setImmediate, setInterval } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { SessionLoggerService } from 'nestjs-session-logger';
import { CANCEL, CLAIM, READ, TAKE_TURN } from '../../src/redis/scripts.js';
import { cleanUp } from '../support/clean-up.js';
import { hasRedis, NO_REDIS } from '../support/redis-server.js';
import { endSession } from '../support/test-app.js';
import { until } from '../support/turns.js';
import {
  connect,
  Follower,
  killLines,
  openStream,
  startRedis,
  startReplica,
  takeFrom,
  texts,
  untilAnswered,
} from './redis-bench.js';
import { RedisProxy } from './redis-proxy.js';

jest.setTimeout(30_000);
afterEach(cleanUp);

if (!hasRedis) process.stderr.write(`redis-cut.fault.ts ${NO_REDIS}.\n`);

/** So long that nothing is looked for while a test runs. */
const NEVER = { checkInterval: 600_000, socketTimeout: 20_000 };

/** Resolves once the session's signal is aborted, with why. */
function stopped(logs: SessionLoggerService, sessionId: string): Promise<string> {
  const signal = logs.sessionSignal(sessionId);
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve((signal.reason as Error).message), { once: true });
  });
}

/** Resolves once the producer hears of what others cancel. */
async function isListening(producer: SessionLoggerService, other: SessionLoggerService): Promise<void> {
  const heard = stopped(producer, 'heard');
  await other.cancelSession('heard');
  await heard;
}

/** Logs at once, and resolves when the store has all of it. */
async function logAll(logs: SessionLoggerService, sessionId: string, messages: string[]): Promise<void> {
  for (const message of messages) void logs.logChunkToQueue(message, sessionId);
  await logs.distribute({ finite: true });
}

(hasRedis ? describe : describe.skip)('connections that are cut', () => {
  it('while two replicas write to a session: each entry is there once, and all readers agree', async () => {
    const server = await startRedis();
    const [one, other] = [await startReplica(server), await startReplica(server)];
    const admin = connect(server);
    const readers = [one, other, one, other].map(({ logs }) => new Follower(logs, 's'));
    const streams = [await openStream(one, 's'), await openStream(other, 's')];
    const rounds = 40;
    for (let round = 0; round < rounds; round++) {
      for (let at = 0; at < 10; at++) {
        void one.logs.logChunkToQueue(`one${round * 10 + at}`, 's');
        void other.logs.logChunkToQueue(`other${round * 10 + at}`, 's');
      }
      // Before a batch is sent, while it is on its way, when it has just come.
      for (let turns = 0; turns < round % 5; turns++) await setImmediate();
      await killLines(admin, round % 3 === 0 ? 'normal' : 'pubsub');
      if (round % 2 === 0) await killLines(admin, 'normal');
      if (round % 4 === 3) await one.logs.distribute({ finite: true });
    }
    await Promise.all([one, other].map(({ logs }) => logs.distribute({ finite: true })));
    await endSession(one.logs, 's');
    const [seen, ...others] = await Promise.all(readers.map((reader) => reader.rest()));
    const messages = seen!.map(String);
    expect(messages.filter((message) => message.startsWith('one'))).toEqual(texts('one', rounds * 10));
    expect(messages.filter((message) => message.startsWith('other'))).toEqual(texts('other', rounds * 10));
    for (const same of others) expect(same).toEqual(seen);
    for (const stream of streams) expect(await takeFrom(stream, messages.length)).toEqual(messages);
    for (const { logs } of [one, other]) {
      expect(logs.stats().store).toMatchObject({ failed: 0, dropped: 0, pending: 0 });
    }
  });

  it('do not keep a cancel from the process that produces the session', async () => {
    const server = await startRedis();
    const [producer, other] = [await startReplica(server), await startReplica(server)];
    const admin = connect(server);
    for (let round = 0; round < 10; round++) {
      const why = stopped(producer.logs, `s${round}`);
      const cancelled = other.logs.cancelSession(`s${round}`, `stop ${round}`);
      for (let turns = 0; turns < round % 5; turns++) await setImmediate();
      await killLines(admin, 'pubsub');
      await killLines(admin, 'normal');
      await cancelled;
      expect(await why).toBe(`stop ${round}`);
    }
  });

  it('for a while do not keep a cancel from it either, and one cancel stops one reply', async () => {
    const server = await startRedis();
    const proxy = await RedisProxy.start(server.port);
    const [producer, other] = [await startReplica(proxy, {}, NEVER), await startReplica(server)];
    await isListening(producer.logs, other.logs);
    const why = stopped(producer.logs, 's');
    proxy.cutOff();
    await other.logs.cancelSession('s', 'the stop button');
    await other.logs.distribute({ finite: true });
    proxy.letThrough();
    expect(await why).toBe('the stop button');
    const next = producer.logs.sessionSignal('s');
    const marker = stopped(producer.logs, 'marker');
    proxy.cutOff();
    await other.logs.cancelSession('marker', 'later');
    proxy.letThrough();
    expect(await marker).toBe('later');
    expect(next.aborted).toBe(false);
  });

  it('again while it catches up do not keep a cancel from it', async () => {
    const server = await startRedis();
    const proxy = await RedisProxy.start(server.port);
    const [producer, other] = [
      await startReplica(proxy, {}, { socketTimeout: 20_000 }),
      await startReplica(server),
    ];
    await isListening(producer.logs, other.logs);
    const why = stopped(producer.logs, 's');
    proxy.cutOff();
    await other.logs.cancelSession('s', 'the stop button');
    await other.logs.distribute({ finite: true });
    const lost = proxy.loseAnswer('xrange');
    proxy.letThrough();
    await lost;
    expect(await why).toBe('the stop button');
  });
});

(hasRedis ? describe : describe.skip)('a cancel', () => {
  it('is heard from the start on, also before messages come in', async () => {
    const server = await startRedis();
    const proxy = await RedisProxy.start(server.port);
    const other = await startReplica(server);
    const held = proxy.holdRequest('subscribe');
    const producer = await startReplica(proxy, {}, NEVER);
    const letGo = await held;
    const why = stopped(producer.logs, 's');
    await other.logs.cancelSession('s', 'the stop button');
    await other.logs.distribute({ finite: true });
    letGo();
    expect(await why).toBe('the stop button');
  });

  it('that is heard and looked up as well stops one reply, not the next too', async () => {
    const server = await startRedis();
    const proxy = await RedisProxy.start(server.port);
    const [producer, other] = [await startReplica(proxy, {}, NEVER), await startReplica(server)];
    await isListening(producer.logs, other.logs);
    const held = proxy.holdRequest('xrange');
    proxy.cutOff();
    proxy.letThrough();
    const letGo = await held;
    const why = stopped(producer.logs, 's');
    await other.logs.cancelSession('s', 'the stop button');
    expect(await why).toBe('the stop button');
    const next = producer.logs.sessionSignal('s');
    letGo();
    // Its answer comes behind that of the look.
    await logAll(producer.logs, 'another', ['a']);
    expect(next.aborted).toBe(false);
  });
});

(hasRedis ? describe : describe.skip)('an answer that is late', () => {
  it('and tells of no log does not undo what has been heard of a new one', async () => {
    const server = await startRedis();
    const proxy = await RedisProxy.start(server.port);
    const here = await startReplica(proxy, {}, { socketTimeout: 20_000 });
    const { logs: there } = await startReplica(server);
    const reader = new Follower(here.logs, 's');
    await until(() => here.logs.stats().readers === 1);
    // The session is looked at again and again; this time Redis says that it is not there, and that is late.
    const letGo = await proxy.holdAnswer('{s}:meta');
    await logAll(there, 's', ['a']);
    expect(await reader.take(1)).toEqual(['a']);
    letGo();
    await logAll(there, 's', ['b']);
    await endSession(there, 's');
    expect(await reader.rest()).toEqual(['b']);
  });

  it('and tells of a log that is gone does not undo what has been heard of the next', async () => {
    const server = await startRedis();
    const proxy = await RedisProxy.start(server.port);
    const here = await startReplica(proxy, {}, { socketTimeout: 20_000 });
    const { logs: there } = await startReplica(server);
    const reader = new Follower(here.logs, 's');
    await logAll(there, 's', ['a']);
    expect(await reader.take(1)).toEqual(['a']);
    const letGo = await proxy.holdAnswer('{s}:meta');
    await connect(server).flushall();
    await logAll(there, 's', ['b']);
    letGo();
    await logAll(there, 's', ['c']);
    await endSession(there, 's');
    expect(await reader.rest()).toEqual([{ gap: 'epoch', missed: null }, 'b', 'c']);
  });

  it('for a long time does not have the looks at sessions pile up', async () => {
    const server = await startRedis();
    const proxy = await RedisProxy.start(server.port);
    const { logs } = await startReplica(proxy, {}, { checkInterval: 10 });
    const reader = new Follower(logs, 's');
    await logAll(logs, 's', ['a']);
    expect(await reader.take(1)).toEqual(['a']);
    proxy.cutOff();
    let looks = 0;
    // As many as the store would have had.
    for await (const _ of setInterval(10)) if (++looks === 100) break;
    proxy.takeCount(READ.sha);
    proxy.letThrough();
    await logAll(logs, 's', ['b']);
    expect(await reader.take(1)).toEqual(['b']);
    expect(proxy.takeCount(READ.sha)).toBeLessThan(50);
  });
});

(hasRedis ? describe : describe.skip)('an answer that is lost', () => {
  async function setUp(): Promise<{
    proxy: RedisProxy;
    logs: SessionLoggerService;
    there: SessionLoggerService;
    xlen: (sessionId: string) => Promise<number>;
  }> {
    const server = await startRedis();
    const proxy = await RedisProxy.start(server.port);
    const here = await startReplica(proxy, {}, { ...NEVER, popLease: 600_000 });
    const { logs: there } = await startReplica(server, {}, { popLease: 600_000 });
    const admin = connect(server);
    // So that Redis knows the scripts.
    await logAll(here.logs, 'known', ['a']);
    return {
      proxy,
      logs: here.logs,
      there,
      xlen: (sessionId) => admin.xlen(`session-logger:{${sessionId}}:log`),
    };
  }

  it('has a batch sent again, and taken once', async () => {
    const { proxy, logs, there, xlen } = await setUp();
    const readers = [new Follower(logs, 's'), new Follower(there, 's')];
    await logAll(logs, 's', ['a', 'b']);
    const lost = proxy.loseAnswer('lost-1');
    const logged = logAll(logs, 's', ['lost-1', 'lost-2', 'lost-3']);
    await lost;
    expect(await xlen('s')).toBe(5);
    await logged;
    await endSession(logs, 's');
    const expected = ['a', 'b', 'lost-1', 'lost-2', 'lost-3'];
    for (const reader of readers) expect(await reader.rest()).toEqual(expected);
    expect(await xlen('s')).toBe(6);
    expect(logs.stats().store).toMatchObject({ written: 7, failed: 0, dropped: 0 });
  });

  it('is met by the first entry of a session too', async () => {
    const { proxy, logs, there, xlen } = await setUp();
    const readers = [new Follower(logs, 's'), new Follower(there, 's')];
    await logs.distribute({ finite: true });
    const lost = proxy.loseAnswer('first');
    await logAll(logs, 's', ['first']);
    await lost;
    await endSession(logs, 's');
    for (const reader of readers) expect(await reader.rest()).toEqual(['first']);
    expect(await xlen('s')).toBe(2);
  });

  it('of several sessions and several calls has all of them once', async () => {
    const { proxy, logs, there } = await setUp();
    const sessions = texts('s', 20);
    const readers = sessions.map((sessionId) => new Follower(there, sessionId));
    const many = texts('m', 1_200);
    const lost = proxy.loseAnswer('the-last');
    for (const sessionId of sessions) void logs.logChunkToQueue('a', sessionId);
    for (const message of many) void logs.logChunkToQueue(message, 's0');
    void logs.logChunkToQueue('the-last', 's19');
    await lost;
    await logs.distribute({ finite: true });
    for (const sessionId of sessions) await logs.endSession(sessionId);
    const [first, ...others] = await Promise.all(readers.map((reader) => reader.rest()));
    expect(first).toEqual(['a', ...many]);
    expect(others.pop()).toEqual(['a', 'the-last']);
    for (const other of others) expect(other).toEqual(['a']);
  });

  it('again and again, with two writers, has each entry once', async () => {
    const { proxy, logs, there } = await setUp();
    const reader = new Follower(there, 's');
    for (let round = 0; round < 20; round++) {
      const lost = proxy.loseAnswer(`here${round}.`);
      void there.logChunkToQueue(`there${round}.`, 's');
      void logs.logChunkToQueue(`here${round}.`, 's');
      await lost;
    }
    await Promise.all([logs, there].map((each) => each.distribute({ finite: true })));
    await endSession(there, 's');
    const seen = (await reader.rest()).map(String);
    const numbered = (prefix: string): string[] => texts(prefix, 20).map((text) => `${text}.`);
    expect(seen.filter((text) => text.startsWith('here'))).toEqual(numbered('here'));
    expect(seen.filter((text) => text.startsWith('there'))).toEqual(numbered('there'));
    expect(seen).toHaveLength(40);
  });

  it('does not make pop wait for itself', async () => {
    const { proxy, logs } = await setUp();
    for await (const message of logs.pop('known')) {
      expect(message).toBe('a');
      break;
    }
    await logAll(logs, 's', ['a']);
    const lost = proxy.loseAnswer(TAKE_TURN.sha);
    const popped = logs.pop('s').next();
    await lost;
    expect(await popped).toEqual({ done: false, value: 'a' });
  });

  it('of a claim does not end a pop early', async () => {
    const { proxy, logs } = await setUp();
    for await (const message of logs.pop('known')) {
      expect(message).toBe('a');
      break;
    }
    await logAll(logs, 's', ['a', 'b', 'c']);
    await logs.endSession('s');
    await logs.distribute({ finite: true });
    const lost = proxy.loseAnswer(CLAIM.sha);
    const popped: string[] = [];
    for await (const message of logs.pop('s')) popped.push(message);
    await lost;
    expect(popped).toEqual(['a', 'b', 'c']);
  });

  it('of a cancel stops the other process once', async () => {
    const { proxy, logs, there } = await setUp();
    await logs.cancelSession('known');
    await logs.distribute({ finite: true });
    const why = stopped(there, 's');
    const lost = proxy.loseAnswer(CANCEL.sha);
    await logs.cancelSession('s', 'stop');
    await lost;
    expect(await why).toBe('stop');
    await untilAnswered(
      async () => (await there.getSessionHistory('s')).records.length,
      (records) => records === 1,
    );
  });
});
