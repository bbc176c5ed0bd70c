import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { SessionLoggerOptions } from 'nestjs-session-logger';
import { redisStore } from 'nestjs-session-logger/redis';
import { collectSession } from 'nestjs-session-logger/testing';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { EventStream, isEvent, type EventFrame } from './support/event-stream.js';
import { hasRedis, NO_REDIS, RedisServer } from './support/redis-server.js';
import { tempDir } from './support/temp-dir.js';
import { endSession, logChat, startApp, type TestApp } from './support/test-app.js';

const describeReplicas = hasRedis ? describe : describe.skip;

afterEach(cleanUp);

describeReplicas(`Two replicas${hasRedis ? '' : ` ${NO_REDIS}`}`, () => {
  let server: RedisServer;
  let a: TestApp;
  let b: TestApp;
  let run = 0;

  const start = (keyPrefix: string, options: SessionLoggerOptions = {}): Promise<TestApp> =>
    startApp({ store: redisStore({ url: server.url, keyPrefix }), ...options });

  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.stop());

  beforeEach(async () => {
    const prefix = `replicas:${++run}:`;
    [a, b] = [await start(prefix), await start(prefix, { http: { cancel: true, retry: 1 } })];
  });

  const collect = async (messages: AsyncIterable<string>): Promise<string[]> => {
    const collected: string[] = [];
    for await (const message of messages) collected.push(message);
    return collected;
  };

  it('what one logs, the other streams, from where the client was on the first', async () => {
    const first = await EventStream.open(`${a.url}/logs/s`);
    await logChat(a.logs, 's', 'a', 'b', 'c');
    const [, two] = await first.entries(2);
    first.close();
    const second = await EventStream.open(`${b.url}/logs/s`, { 'Last-Event-ID': two!.id! });
    expect((await second.entries(1)).map(({ message }) => message)).toEqual(['c']);
    await logChat(a.logs, 's', 'd');
    expect((await second.entries(1)).map(({ message }) => message)).toEqual(['d']);
  });

  it('both write: all readers see one order, with each writer’s own order in it', async () => {
    const readers = [a, b, a, b].map(({ logs }) => collect(logs.getSessionLogs('s')));
    const write = async (app: TestApp, name: string): Promise<void> => {
      for (let n = 0; n < 500; n++) await app.logs.logChunkToQueue(`${name}${n}`, 's');
      await app.logs.distribute({ finite: true });
    };
    await Promise.all([write(a, 'a'), write(b, 'b')]);
    await endSession(a.logs, 's');
    const [first, ...others] = await Promise.all(readers);
    for (const other of others) expect(other).toEqual(first);
    expect(first).toHaveLength(1_000);
    for (const name of ['a', 'b']) {
      const own = first!.filter((message) => message.startsWith(name));
      expect(own).toEqual(Array.from({ length: 500 }, (_, n) => `${name}${n}`));
    }
  });

  it('an end on one is an end on the other, with its error, and nothing to come back for', async () => {
    const stream = await EventStream.open(`${b.url}/logs/s`);
    await logChat(a.logs, 's', 'a');
    await endSession(a.logs, 's', { error: new Error('the model is away') });
    const end = (await stream.until(isEvent('end'))).at(-1) as EventFrame;
    expect(end.data).toEqual({ reason: 'error', error: 'the model is away' });
    const again = await EventStream.open(`${b.url}/logs/s`, { 'Last-Event-ID': end.id! });
    expect(again.status).toBe(204);
  });

  it('a cancel on one stops who produces on the other, and ends the session for all', async () => {
    const signal = a.logs.sessionSignal('s');
    const other = a.logs.sessionSignal('t');
    const aborted = once(signal, 'abort');
    await logChat(a.logs, 's', 'a');
    await b.logs.cancelSession('s', 'the user has had enough');
    await aborted;
    expect(signal.reason).toMatchObject({ name: 'AbortError', message: 'the user has had enough' });
    expect([other.aborted, a.logs.sessionSignal('s').aborted]).toEqual([false, false]);
    expect(await collect(a.logs.getSessionLogs('s'))).toEqual(['a']);
  });

  it('a cancel on one leaves nothing open behind its end of a reply that is under way on the other', async () => {
    for (const sessionId of ['s1', 's2', 's3', 's4', 's5']) {
      const source = async function* (): AsyncGenerator<string> {
        for (;;) {
          yield 'a';
          await setImmediate();
        }
      };
      const outcome = a.logs.capture(sessionId, source());
      await collectSession(b.logs, sessionId, { until: 20 });
      await b.logs.cancelSession(sessionId, 'enough');
      expect(await outcome).toEqual({ reason: 'cancelled' });
      await a.logs.distribute({ finite: true });
      const { sessions } = await b.logs.listSessions();
      expect(sessions.find((one) => one.sessionId === sessionId)?.ended).toBe('cancelled');
      expect((await collectSession(b.logs, sessionId)).end).toEqual({ reason: 'cancelled', error: 'enough' });
    }
  });

  it('POST /logs/:sessionId/cancel does the same', async () => {
    const signal = a.logs.sessionSignal('s');
    const aborted = once(signal, 'abort');
    const body = JSON.stringify({ reason: 'stop' });
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(`${b.url}/logs/s/cancel`, { method: 'POST', headers, body });
    expect(answer.status).toBe(204);
    await aborted;
    expect(signal.reason).toMatchObject({ message: 'stop' });
  });

  it('pop on both: each entry once', async () => {
    const messages = Array.from({ length: 300 }, (_, n) => `${n}`);
    await logChat(a.logs, 's', ...messages);
    const take = async ({ logs }: TestApp, count: number): Promise<string[]> => {
      const taken: string[] = [];
      for await (const message of logs.pop('s')) if (taken.push(message) === count) break;
      return taken;
    };
    const shares = await Promise.all([take(a, 70), take(b, 70), take(a, 80), take(b, 80)]);
    expect(shares.flat().toSorted((x, y) => Number(x) - Number(y))).toEqual(messages);
  });

  it('a list refuses a cursor that Redis cannot have given', async () => {
    const { url } = await start(`replicas:${++run}:`, { http: { list: true } });
    const most = String(2n ** 64n - 1n);
    for (const cursor of ['0.0', `0.${most}`])
      expect((await fetch(`${url}/logs?cursor=${cursor}`)).status).toBe(200);
    for (const cursor of [
      `0.${2n ** 64n}`,
      `0.${'9'.repeat(26)}`,
      '-1.0',
      '0.-1',
      'x',
      '0',
      '0.0.0',
      '1e9.0',
    ]) {
      const answer = await fetch(`${url}/logs?cursor=${cursor}`);
      expect([cursor, answer.status, await answer.json()]).toEqual([
        cursor,
        400,
        expect.objectContaining({ code: 'INVALID_READ_OPTION' }),
      ]);
    }
  });

  it('history and list speak of all replicas, the synchronous getters of their own', async () => {
    await logChat(a.logs, 's', 'a', 'b');
    await logChat(b.logs, 't', 'c');
    const { records, more } = await b.logs.getSessionHistory('s', { limit: 1 });
    expect([records.map((record) => 'message' in record && record.message), more]).toEqual([['a'], true]);
    const { sessions } = await a.logs.listSessions();
    expect(sessions.map(({ sessionId }) => sessionId).toSorted()).toEqual(['s', 't']);
    expect([a.logs.allSessionsInQueues, b.logs.stats().sessions]).toEqual([[], 0]);
  });

  it('files stay with the replica that logged', async () => {
    const dir = tempDir();
    const c = await start(`replicas:${run}:`, { files: { dir } });
    await logChat(a.logs, 's', 'elsewhere');
    await logChat(c.logs, 's', 'here');
    await c.logs.flush();
    const [file] = readdirSync(dir);
    const lines = readFileSync(join(dir, file!), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['here']);
  });

  it('what was logged last before a replica closes is there for the others', async () => {
    for (let n = 0; n < 200; n++) void a.logs.logChunkToQueue(`${n}`, 's');
    await a.close();
    const { records } = await b.logs.getSessionHistory('s', { limit: 1_000 });
    expect(records).toHaveLength(200);
  });

  it('entries and readers wait while Redis is away, and come together when it is there', async () => {
    const other = await RedisServer.start();
    onCleanUp(() => other.stop());
    const url = other.url;
    await other.signal('SIGKILL');
    const app = await startApp({ store: redisStore({ url, connectTimeout: 50 }), onStoreFailure: 'buffer' });
    await app.logs.logChunkToQueue('a', 's');
    expect(app.logs.isHealthy()).toBe(false);
    const reading = collect(app.logs.getSessionLogs('s'));
    await other.run();
    await endSession(app.logs, 's');
    expect(await reading).toEqual(['a']);
    expect(app.logs.isHealthy()).toBe(true);
  });

  it.each(['SIGKILL', 'SIGSTOP'] as const)('closing never waits for a Redis that got %s', async (signal) => {
    const other = await RedisServer.start();
    onCleanUp(() => other.stop());
    const store = redisStore({ url: other.url });
    const app = await startApp({ store, limits: { flushTimeout: 200 } });
    const stream = await EventStream.open(`${app.url}/logs/s`);
    await logChat(app.logs, 's', 'a');
    await stream.entries(1);
    await other.signal(signal);
    for (let n = 0; n < 10; n++) await app.logs.logChunkToQueue('waits', 's');
    await app.close();
    expect((await stream.rest()).at(-1)).toEqual({ retry: expect.any(Number) });
    const { written, failed, pending } = app.logs.stats().store;
    expect([written, failed + pending]).toEqual([1, 10]);
  });

  it('a session that one deletes is gone for the readers of the other, who are told', async () => {
    await logChat(a.logs, 's', 'a');
    const stream = await EventStream.open(`${b.url}/logs/s`);
    const [entry] = await stream.entries(1);
    const following = collect(b.logs.getSessionLogs('s', { from: 'now' }));
    await logChat(b.logs, 's', 'b');
    await stream.entries(1);
    await a.logs.deleteSession('s');
    expect((await stream.rest()).at(-1)).toMatchObject({ event: 'end', data: { reason: 'deleted' } });
    expect(await following).toEqual(['b']);
    await logChat(b.logs, 's', 'c');
    const again = await EventStream.open(`${a.url}/logs/s`, { 'Last-Event-ID': entry!.id! });
    expect((await again.until(isEvent('gap'))).at(-1)).toMatchObject({ data: { reason: 'epoch' } });
    expect((await again.entries(1)).map(({ message }) => message)).toEqual(['c']);
  });

  it('both go on writing to a session that is deleted again and again, and nothing is stuck or lost', async () => {
    const write = async (app: TestApp): Promise<void> => {
      for (let n = 0; n < 3_000; n++) await app.logs.logChunkToQueue(`${n}`, 's');
      await app.logs.distribute({ finite: true });
    };
    const erase = async (): Promise<void> => {
      for (let n = 0; n < 20; n++) await a.logs.deleteSession('s');
    };
    await Promise.all([write(a), write(b), erase()]);
    for (const app of [a, b])
      expect(app.logs.stats().store).toMatchObject({ written: 3_000, failed: 0, pending: 0 });
    await a.logs.deleteSession('s');
    await logChat(b.logs, 's', 'last');
    const { records } = await a.logs.getSessionHistory('s');
    expect(records).toEqual([expect.objectContaining({ message: 'last' })]);
  });

  it('a retry that meets the other replica is recognised', async () => {
    const prefix = `replicas:${run}:write:`;
    const [one, two] = [
      await start(prefix, { http: { write: true } }),
      await start(prefix, { http: { write: true } }),
    ];
    const post = (app: TestApp): Promise<Response> =>
      fetch(`${app.url}/logs/s`, {
        method: 'POST',
        body: JSON.stringify({ message: 'once' }),
        headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': 'k' },
      });
    expect((await post(one)).headers.get('idempotency-replayed')).toBeNull();
    expect((await post(two)).headers.get('idempotency-replayed')).toBe('true');
    expect((await two.logs.getSessionHistory('s')).records).toHaveLength(1);
  });

  it('without Redis at start an application does not start, and is told what to do', async () => {
    const store = redisStore({ url: 'redis://127.0.0.1:1', connectTimeout: 50 });
    await expect(startApp({ store })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/50 ms.*ECONNREFUSED.*onStoreFailure/),
    });
  });
});
