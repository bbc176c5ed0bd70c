import { jest } from '@jest/globals';
import type { SessionLoggerService } from 'nestjs-session-logger';
import { cleanUp } from '../support/clean-up.js';
import { isEntry, messagesOf, type EventFrame, type EventStream } from '../support/event-stream.js';
import { hasRedis, NO_REDIS } from '../support/redis-server.js';
import { endSession, logChat } from '../support/test-app.js';
import {
  connect,
  Follower,
  killLines,
  openStream,
  SHORT,
  startRedis,
  startReplica,
  texts,
} from './redis-bench.js';
import { RedisProxy } from './redis-proxy.js';
import { RedisReplica } from './redis-replica.js';

jest.setTimeout(30_000);
afterEach(cleanUp);

if (!hasRedis) process.stderr.write(`redis-killed.fault.ts ${NO_REDIS}.\n`);

/** A process of the built package that serves the endpoint. */
async function serve(url: string): Promise<{ replica: RedisReplica; url: string }> {
  const replica = new RedisReplica({ task: 'serve', store: { url, ...SHORT } });
  const { port } = await replica.told<{ port: number }>();
  return { replica, url: `http://127.0.0.1:${port}` };
}

/** What a client has had when its stream breaks: messages, and the id it comes back with. */
async function untilBroken(stream: EventStream): Promise<{ messages: string[]; lastEventId: string }> {
  const frames = await stream.rest();
  const entries = frames.filter((frame): frame is EventFrame => isEntry(frame));
  return { messages: messagesOf(frames), lastEventId: entries.at(-1)!.id! };
}

/** All that a pop gives. */
async function popAll(logs: SessionLoggerService, sessionId: string): Promise<string[]> {
  const popped: string[] = [];
  for await (const message of logs.pop(sessionId)) popped.push(message);
  return popped;
}

(hasRedis ? describe : describe.skip)('a replica that is killed', () => {
  it('while it writes: readers elsewhere go on, another writes on, its clients resume exactly', async () => {
    const server = await startRedis();
    const { logs, url } = await startReplica(server);
    const { replica, url: doomed } = await serve(server.url);
    const live = new Follower(logs, 's');
    const client = await openStream({ url: doomed }, 's');
    await replica.ask({ messages: texts('known', 100), sessionId: 's' });
    expect(await live.take(100)).toEqual(texts('known', 100));
    // Nobody waits for the answer: it is killed somewhere in these.
    const asked = replica.ask({ messages: texts('cut', 20_000), sessionId: 's' }).catch(() => 'killed');
    expect(await live.take(1)).toEqual(['cut0']);
    await replica.kill();
    expect(await asked).toBe('killed');
    const { messages, lastEventId } = await untilBroken(client);
    await logChat(logs, 's', 'on', 'and on');
    await endSession(logs, 's');
    const rest = await live.rest();
    const cut = rest.length - 2;
    expect(rest).toEqual([...texts('cut', cut + 1).slice(1), 'on', 'and on']);
    const expected = [...texts('known', 100), ...texts('cut', cut + 1), 'on', 'and on'];
    const resumed = await openStream({ url }, 's', lastEventId);
    const frames = await resumed.rest();
    expect([...messages, ...messagesOf(frames)]).toEqual(expected);
    expect(frames.some((frame) => 'event' in frame && frame.event === 'gap')).toBe(false);
    expect(frames.at(-1)).toMatchObject({ event: 'end', data: { reason: 'completed' } });
  });

  it('while others write to the session: a client of it loses nothing', async () => {
    const server = await startRedis();
    const { logs, url } = await startReplica(server);
    const expected: string[] = [];
    let messages: string[] = [];
    let lastEventId: string | undefined;
    for (let round = 0; round < 3; round++) {
      const { replica, url: doomed } = await serve(server.url);
      const client = await openStream({ url: doomed }, 's', lastEventId);
      const batch = texts(`${round}.`, 500);
      expected.push(...batch);
      for (const text of batch) void logs.logChunkToQueue(text, 's');
      const [first] = await client.entries(1);
      await replica.kill();
      const broken = await untilBroken(client).catch(() => undefined);
      messages = [...messages, first!.message, ...(broken?.messages ?? [])];
      lastEventId = broken?.lastEventId ?? first!.id!;
    }
    await endSession(logs, 's');
    messages = [...messages, ...messagesOf(await (await openStream({ url }, 's', lastEventId)).rest())];
    expect(messages).toEqual(expected);
  });
});

(hasRedis ? describe : describe.skip)('pop over replicas', () => {
  it('gives each entry to one of them, whoever asks when', async () => {
    const server = await startRedis();
    const [one, other] = [await startReplica(server), await startReplica(server)];
    const expected = texts('m', 600);
    const taken: string[] = [];
    const popSome = async ({ logs }: { logs: SessionLoggerService }, count: number): Promise<void> => {
      while (taken.length < expected.length) {
        let left = count;
        for await (const message of logs.pop('s', { signal: over.signal })) {
          taken.push(message);
          if (taken.length === expected.length) over.abort();
          if (--left === 0) break;
        }
      }
    };
    const over = new AbortController();
    const popping = [popSome(one, 7), popSome(other, 11), popSome(one, 70), popSome(other, 1)];
    for (const [at, text] of expected.entries()) {
      await (at % 2 === 0 ? one : other).logs.logChunkToQueue(text, 's');
      if (at % 50 === 0) await Promise.all([one, other].map(({ logs }) => logs.distribute({ finite: true })));
    }
    await Promise.all(popping);
    expect(taken.toSorted()).toEqual(expected.toSorted());
    const reader = new Follower(one.logs, 's', { from: 'start' });
    expect(await reader.take(600)).toEqual(taken);
  });

  it('gives each entry to one of them while connections are cut', async () => {
    const server = await startRedis();
    const admin = connect(server);
    const apps = [await startReplica(server), await startReplica(server)];
    const expected = texts('m', 400);
    const taken: string[] = [];
    const over = new AbortController();
    const popping = apps.map(async ({ logs }) => {
      while (taken.length < expected.length) {
        for await (const message of logs.pop('s', { signal: over.signal })) {
          taken.push(message);
          if (taken.length === expected.length) over.abort();
          if (taken.length % 23 === 0) break;
        }
      }
    });
    for (const [at, text] of expected.entries()) {
      await apps[0]!.logs.logChunkToQueue(text, 's');
      if (at % 40 > 0) continue;
      await apps[0]!.logs.distribute({ finite: true });
      await killLines(admin, at % 80 === 0 ? 'normal' : 'pubsub');
    }
    await Promise.all(popping);
    expect(taken).toEqual(expected);
  });

  it('goes on elsewhere when one is killed that had a turn: what it had in hand is missing at most', async () => {
    const server = await startRedis();
    const { logs } = await startReplica(server);
    const messages = texts('m', 300);
    await logChat(logs, 's', ...messages);
    await endSession(logs, 's');
    const replica = new RedisReplica({ task: 'pop', store: { url: server.url, ...SHORT }, sessionId: 's' });
    expect(await replica.told()).toEqual({ message: 'm0' });
    expect(await replica.ask({})).toEqual({ message: 'm1' });
    const popping = popAll(logs, 's');
    await replica.kill();
    const rest = await popping;
    expect(rest).toEqual(messages.slice(-rest.length));
    const missing = messages.length - 2 - rest.length;
    // What it had claimed at once, less what it has given out.
    expect(missing).toBeLessThanOrEqual(64 - 2);
    expect(await new Follower(logs, 's', { from: 'start' }).rest()).toEqual(messages);
  });

  it('waits for one that has a turn and is alive', async () => {
    const server = await startRedis();
    const [one, other] = [await startReplica(server), await startReplica(server)];
    await logChat(one.logs, 's', 'a', 'b', 'c');
    await endSession(one.logs, 's');
    const first = one.logs.pop('s');
    expect(await first.next()).toEqual({ done: false, value: 'a' });
    const second = popAll(other.logs, 's');
    const admin = connect(server);
    // Longer than its lease would be without being renewed.
    for (const left: number[] = []; left.length < 3;) {
      const lease = await admin.pttl('session-logger:{s}:lease');
      expect(lease).toBeGreaterThan(0);
      if (left.length === 0 || lease > left.at(-1)!) left.push(lease);
      else left[left.length - 1] = lease;
    }
    expect(await first.next()).toEqual({ done: false, value: 'b' });
    await first.return?.();
    expect(await second).toEqual(['c']);
  });

  it('gives back what was not taken also where the lease has run out meanwhile', async () => {
    const server = await startRedis();
    const admin = connect(server);
    const { logs } = await startReplica(server);
    await logChat(logs, 's', 'a', 'b', 'c');
    await endSession(logs, 's');
    const first = logs.pop('s');
    expect(await first.next()).toEqual({ done: false, value: 'a' });
    // As after a time in which Redis could not be reached.
    await admin.del('session-logger:{s}:lease');
    await first.return?.();
    expect(await popAll(logs, 's')).toEqual(['b', 'c']);
  });

  it('a process that was away for longer than its lease takes nothing that others took meanwhile', async () => {
    const server = await startRedis();
    const proxy = await RedisProxy.start(server.port);
    const [away, other] = [await startReplica(proxy), await startReplica(server)];
    const messages = texts('', 200);
    await logChat(other.logs, 's', ...messages);
    await endSession(other.logs, 's');
    const popped = away.logs.pop('s');
    const first: unknown[] = [];
    // As many as are claimed at once: the next ones are asked for when it is back.
    while (first.length < 64) first.push((await popped.next()).value);
    proxy.cutOff();
    expect([...first, ...(await popAll(other.logs, 's'))]).toEqual(messages);
    proxy.letThrough();
    expect(await popped.next()).toEqual({ done: true, value: undefined });
  });
});
