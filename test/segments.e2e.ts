import type { SessionLoggerService, SessionSegmentEvent } from 'nestjs-session-logger';
import { Redis } from 'ioredis';
import { redisStore } from '../src/redis/index.js';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { hasRedis, NO_REDIS, RedisServer } from './support/redis-server.js';
import { reply, SHOWN, shown } from './support/segments.js';
import { logChat, startApp } from './support/test-app.js';

afterEach(cleanUp);

async function start(options = {}): Promise<SessionLoggerService> {
  return (await startApp({ http: false, ...options })).logs;
}

async function take(
  events: AsyncIterator<SessionSegmentEvent, undefined>,
  count: number,
): Promise<SessionSegmentEvent[]> {
  const taken: SessionSegmentEvent[] = [];
  while (taken.length < count) {
    const { value } = await events.next();
    if (value === undefined) throw new Error(`Only ${JSON.stringify(taken)} came`);
    taken.push(value);
  }
  return taken;
}

async function all(events: AsyncIterable<SessionSegmentEvent>): Promise<SessionSegmentEvent[]> {
  const taken: SessionSegmentEvent[] = [];
  for await (const event of events) taken.push(event);
  return taken;
}

/** Follows from before anything is logged. */
async function follow(
  logs: SessionLoggerService,
  sessionId: string,
): Promise<{ rest: Promise<SessionSegmentEvent[]> }> {
  const events = logs.getSessionSegments(sessionId);
  const [first] = await take(events, 1);
  return { rest: all(events).then((rest) => [first!, ...rest]) };
}

describe('getSessionSegments', () => {
  it('gives the many changes of one entry', async () => {
    const logs = await start();
    const { rest } = await follow(logs, 's');
    await logChat(logs, 's', '<think></think>'.repeat(60_000));
    await logs.endSession('s');
    expect(await rest).toHaveLength(1 + 120_000 + 1);
  }, 30_000);

  it('gives a snapshot, then each change, and the end', async () => {
    const logs = await start();
    await logChat(logs, 's', 'Hel');
    const events = logs.getSessionSegments('s');
    const [first] = await take(events, 1);
    expect(first).toEqual({
      id: expect.stringMatching(/-1$/) as string,
      type: 'snapshot',
      segments: [
        {
          key: first!.id + '.0',
          kind: 'text',
          timestamp: expect.any(String) as string,
          text: 'Hel',
          complete: false,
        },
      ],
    });
    const { key } = (first as Extract<SessionSegmentEvent, { type: 'snapshot' }>).segments[0]!;
    await logChat(logs, 's', 'lo');
    await logs.endSession('s', { error: 'it broke' });
    const rest = await all(events);
    expect(rest).toMatchObject([
      { type: 'delta', key, text: 'lo' },
      { type: 'end', key },
      { type: 'finish', reason: 'error', error: 'it broke' },
    ]);
    expect(rest.map(({ id }) => id.replace(/^.*-/, ''))).toEqual(['2', '3.1', '3']);
  });

  it('shows one who follows live what one is shown who comes late', async () => {
    const logs = await start();
    const live = await follow(logs, 's');
    await reply(logs, 's');
    const late = await all(logs.getSessionSegments('s'));
    expect(shown(late)).toEqual(SHOWN);
    expect(shown(await live.rest)).toEqual(shown(late));
    expect(late.map(({ type }) => type)).toEqual(['snapshot', 'end', 'finish']);
  });

  it('goes on behind every id exactly, without a snapshot', async () => {
    const logs = await start();
    const live = await follow(logs, 's');
    await reply(logs, 's');
    const events = await live.rest;
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    for (const [at, { id }] of events.entries()) {
      expect(await all(logs.getSessionSegments('s', { after: id }))).toEqual(events.slice(at + 1));
    }
  });

  it('tells what is lost, and shows what is left', async () => {
    const logs = await start({ limits: { sessionEntries: 3 } });
    const slow = logs.getSessionSegments('s');
    await take(slow, 1);
    await logChat(logs, 's', 'a', 'b', 'c', 'd', 'e');
    const [gap, snapshot] = await take(slow, 2);
    expect(gap).toMatchObject({ type: 'gap', gap: { reason: 'evicted', missed: 2 } });
    expect(snapshot).toMatchObject({ type: 'snapshot', segments: [{ text: 'cde' }], missed: 2 });
    await logChat(logs, 's', 'f');
    expect(await take(slow, 1)).toMatchObject([{ type: 'delta', text: 'f' }]);
    for (const after of ['elsewhere-3', 'nonsense', 'elsewhere-3.1'])
      expect(await take(logs.getSessionSegments('s', { after }), 2)).toMatchObject([
        { type: 'gap' },
        { type: 'snapshot' },
      ]);
    // Nothing is lost behind it, but how it began.
    expect(await take(logs.getSessionSegments('s', { after: snapshot!.id }), 1)).toMatchObject([
      { type: 'snapshot', segments: [{ text: 'def' }] },
    ]);
    expect(await take(logs.getSessionSegments('s'), 1)).toMatchObject([{ type: 'snapshot', missed: 3 }]);
  });

  it('goes on where a session is reopened, over its ends', async () => {
    const logs = await start();
    const events = logs.getSessionSegments('s', { idleTimeout: 60_000 });
    await logChat(logs, 's', 'a');
    await logs.endSession('s');
    await logs.logChunkToQueue('b', 's');
    await logs.distribute({ finite: true });
    expect((await take(events, 1))[0]).toMatchObject({
      type: 'snapshot',
      segments: [{ text: 'a' }, { text: 'b' }],
    });
    await events.return?.();
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(logs.stats().readers).toBe(0);
  });

  it('ends at once by return(), a signal or a time-out, also while it waits', async () => {
    const logs = await start();
    const stopping = new AbortController();
    const waiting = [
      logs.getSessionSegments('s'),
      logs.getSessionSegments('s', { signal: stopping.signal }),
      logs.getSessionSegments('s', { timeout: 1 }),
    ];
    for (const events of waiting) await take(events, 1);
    const ends = waiting.map((events) => events.next());
    await waiting[0]!.return?.();
    stopping.abort();
    for (const end of ends) expect(await end).toEqual({ done: true, value: undefined });
    expect(logs.stats().readers).toBe(0);
  });

  it('reads a long session page by page', async () => {
    const logs = await start();
    for (let count = 0; count < 2_500; count++) await logs.logChunkToQueue('x', 's');
    await logs.distribute({ finite: true });
    const [snapshot] = await take(logs.getSessionSegments('s'), 1);
    expect(shown([snapshot!])).toMatchObject([{ text: 'x'.repeat(2_500) }]);
    const { epoch } = /^(?<epoch>.*)-/.exec(snapshot!.id)!.groups!;
    expect(await take(logs.getSessionSegments('s', { after: `${epoch}-2400` }), 100)).toHaveLength(100);
  });

  it('refuses what is wrong, at the call', async () => {
    const logs = await start();
    expect(() => logs.getSessionSegments('a b')).toThrow(
      expect.objectContaining({ code: 'INVALID_SESSION_ID' }),
    );
    expect(() => logs.getSessionSegments('s', { after: 1 as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_POSITION' }),
    );
    expect(() => logs.getSessionSegments('s', { timeout: -1 })).toThrow(
      expect.objectContaining({ code: 'INVALID_READ_OPTION' }),
    );
  });
});

if (!hasRedis) it.skip(`Segments from Redis ${NO_REDIS}`, () => {});
else {
  it('are the same from Redis', async () => {
    const redis = await RedisServer.start();
    onCleanUp(() => redis.stop());
    const logs = await start({ store: redisStore({ url: redis.url }) });
    const live = await follow(logs, 's');
    await reply(logs, 's');
    const events = await live.rest;
    expect(shown(events)).toEqual(SHOWN);
    const { id } = events[4]!;
    expect(await all(logs.getSessionSegments('s', { after: id }))).toEqual(events.slice(5));
  });

  it('tell what is missing in the middle of a log in Redis', async () => {
    const redis = await RedisServer.start();
    onCleanUp(() => redis.stop());
    const logs = await start({ store: redisStore({ url: redis.url }) });
    await logChat(logs, 's', '<think>', 'so', '</think>', '42');
    await logs.endSession('s');
    await logs.distribute({ finite: true });
    const client = new Redis(redis.url);
    onCleanUp(() => client.quit());
    for (const key of await client.keys('*'))
      if ((await client.type(key)) === 'stream') await client.xdel(key, '3-0');
    const events = await all(logs.getSessionSegments('s'));
    expect(events[0]).toMatchObject({ type: 'gap', gap: { reason: 'evicted', missed: 1 } });
    expect(shown(events)).toMatchObject([
      { kind: 'reasoning', text: 'so', complete: true },
      { kind: 'text', text: '42', complete: true },
    ]);
  });
}
