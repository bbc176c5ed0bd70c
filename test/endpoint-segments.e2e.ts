import { Redis } from 'ioredis';
import type { SessionLoggerOptions, SessionSegmentEvent } from 'nestjs-session-logger';
import { redisStore } from '../src/redis/index.js';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { EventStream, type EventFrame, type Frame } from './support/event-stream.js';
import { hasRedis, NO_REDIS, RedisServer } from './support/redis-server.js';
import { reply, SHOWN, shown } from './support/segments.js';
import { endSession, logChat, startApp, type TestApp } from './support/test-app.js';

afterEach(cleanUp);

const VIEW = '/logs/s?view=segments';

async function open(app: TestApp, lastEventId?: string, query = ''): Promise<EventStream> {
  const headers = lastEventId === undefined ? undefined : { 'Last-Event-ID': lastEventId };
  return EventStream.open(app.url + VIEW + query, headers);
}

/** The events of segments among frames, as `getSessionSegments` gives them, but for the end. */
function eventsOf(frames: readonly Frame[]): SessionSegmentEvent[] {
  return frames
    .filter((frame): frame is EventFrame => 'data' in frame && frame.event === undefined)
    .map(({ id, data }) => ({ id, ...(data as object) }) as SessionSegmentEvent);
}

async function types(stream: EventStream, count: number): Promise<string[]> {
  const frames = await stream.until(
    (() => {
      let left = count;
      return (frame) => 'data' in frame && --left === 0;
    })(),
  );
  return frames
    .filter((frame): frame is EventFrame => 'data' in frame)
    .map(({ event, data }) => event ?? (data as { type: string }).type);
}

const isSnapshot = (frame: Frame): boolean =>
  'data' in frame && (frame.data as { type?: string }).type === 'snapshot';

const isDelta = (frame: Frame): frame is EventFrame =>
  'data' in frame && (frame.data as { type?: string }).type === 'delta';

async function goesOnBehindEveryId(options: SessionLoggerOptions = {}): Promise<void> {
  const app = await startApp(options);
  const live = await open(app);
  await live.until(isSnapshot);
  await reply(app.logs, 's');
  const events = eventsOf(await live.rest());
  expect(live.over).toBe('ended');
  expect(shown(events)).toEqual(SHOWN);
  const late = eventsOf(await (await open(app)).rest());
  expect(shown(late)).toEqual(SHOWN);
  const fine: SessionSegmentEvent[] = [];
  for await (const event of app.logs.getSessionSegments('s', { after: events[0]!.id.replace(/\d+$/, '0') }))
    fine.push(event);
  for (const [at, { id }] of fine.entries()) {
    const resumed = await open(app, id);
    const rest = at === fine.length - 1 ? [] : eventsOf(await resumed.rest());
    expect(resumed.status).toBe(at === fine.length - 1 ? 204 : 200);
    expect(rest.some(({ type }) => type === 'snapshot')).toBe(false);
    // What was given up to there, and then the rest.
    const given = fine.slice(0, at + 1).filter(({ type }) => type !== 'finish');
    expect(shown([...given, ...rest])).toEqual(SHOWN);
  }
}

describe('view=segments', () => {
  it('sends a snapshot, then each change, and the end', async () => {
    const app = await startApp();
    await logChat(app.logs, 's', 'Hel');
    const stream = await open(app);
    expect(await stream.next()).toEqual({ retry: 2_000 });
    const snapshot = (await stream.next()) as EventFrame;
    const { id } = snapshot;
    expect(snapshot).toMatchObject({
      event: undefined,
      data: { type: 'snapshot', segments: [{ key: `${id}.0`, kind: 'text', text: 'Hel', complete: false }] },
    });
    await logChat(app.logs, 's', 'lo');
    await endSession(app.logs, 's', { error: 'it broke' });
    const epoch = id!.replace(/-.*/, '');
    expect(await stream.rest()).toEqual([
      { event: undefined, id: `${epoch}-2`, data: { type: 'delta', key: `${id}.0`, text: 'lo' } },
      { event: undefined, id: `${epoch}-3.1`, data: { type: 'end', key: `${id}.0` } },
      { event: 'end', id: `${epoch}-3`, data: { reason: 'error', error: 'it broke' } },
    ]);
  });

  it('sends a long one by and by, and again to who was cut off before it had all', async () => {
    const app = await startApp();
    for (let count = 0; count < 60; count++) {
      await app.logs.logEntryToQueue({ sessionId: 's', message: `${count}`.repeat(50_000), logType: 'log' });
    }
    await app.logs.distribute({ finite: true });
    const stream = await open(app);
    const first = (await stream.until(isSnapshot)).find(isSnapshot) as EventFrame;
    expect(first.id).toBeUndefined();
    const rest = await stream.until((frame) => 'id' in frame && frame.id !== undefined);
    expect(shown(eventsOf([first, ...rest])).map(({ text }) => text.length)).toHaveLength(60);
    await logChat(app.logs, 's', 'live');
    const live = await stream.until(isDelta);
    expect(shown(eventsOf([first, ...rest, ...live])).at(-1)).toMatchObject({ text: 'live' });
    stream.close();
    await endSession(app.logs, 's');
    const all = await (await open(app)).rest();
    expect(shown(eventsOf(all))).toHaveLength(61);
    expect(all.at(-1)).toMatchObject({ event: 'end' });
  });

  it('joins the texts that are written at once', async () => {
    const app = await startApp({ autoStart: false });
    const stream = await open(app);
    await stream.until(isSnapshot);
    for (const text of 'streaming') await app.logs.logChunkToQueue(text, 's');
    await endSession(app.logs, 's');
    expect(eventsOf(await stream.rest())).toMatchObject([
      { type: 'start' },
      { type: 'delta', text: 'streaming' },
      { type: 'end' },
    ]);
  });

  it('goes on behind every id exactly, without a snapshot', () => goesOnBehindEveryId());

  if (!hasRedis) it.skip(`does so from Redis ${NO_REDIS}`, () => {});
  else {
    it('does so from Redis', async () => {
      const redis = await RedisServer.start();
      onCleanUp(() => redis.stop());
      await goesOnBehindEveryId({ store: redisStore({ url: redis.url }) });
    });
  }

  if (!hasRedis) it.skip(`tells a log that was begun anew ${NO_REDIS}`, () => {});
  else {
    it('tells of a log that was begun anew, and all there is, until the client has that', async () => {
      const redis = await RedisServer.start();
      onCleanUp(() => redis.stop());
      const app = await startApp({ store: redisStore({ url: redis.url }) });
      const live = await open(app);
      await live.until(isSnapshot);
      await logChat(app.logs, 's', 'old');
      const last = (await live.until(isDelta)).find(isDelta);
      const client = new Redis(redis.url);
      onCleanUp(() => client.quit());
      await client.flushall();
      await logChat(app.logs, 's', 'new');
      const rest = await live.rest();
      expect(eventsOf(rest)).toEqual([]);
      const again = await open(app, last!.id);
      const [gap, snapshot] = (await again.until(isSnapshot)).filter((frame) => 'data' in frame);
      expect(gap).toMatchObject({ event: 'gap', data: { reason: 'epoch' } });
      expect(snapshot).toMatchObject({ data: { segments: [{ text: 'new' }] } });
      expect(await types(await open(app, gap!.id), 2)).toEqual(['gap', 'snapshot']);
    });
  }

  it('shows alone what was asked for, and moves the position over the rest', async () => {
    const app = await startApp();
    await reply(app.logs, 's');
    const chat = eventsOf(await (await open(app, undefined, '&type=chat')).rest());
    expect(shown(chat).map(({ kind }) => kind)).not.toContain('log');
    const lines = eventsOf(await (await open(app, undefined, '&type=log&level=warn')).rest());
    expect(shown(lines).map(({ kind, text }) => [kind, text])).toEqual([['log', 'done']]);
  });

  it('shows alone what the client may see', async () => {
    const app = await startApp({ http: { authorize: () => ({ types: ['log'] }) } });
    await reply(app.logs, 's');
    const events = eventsOf(await (await open(app, undefined, '&type=chat')).rest());
    expect(shown(events)).toEqual([]);
  });

  it('tells a lost id, and what there is', async () => {
    const app = await startApp({ limits: { sessionEntries: 3 } });
    await logChat(app.logs, 's', 'a', 'b', 'c', 'd', 'e');
    const stream = await open(app, 'elsewhere-3.1');
    expect(await types(stream, 2)).toEqual(['gap', 'snapshot']);
    stream.close();
    const epoch = app.logs.getAllLogsInQueue()[0]!.id!.replace(/-.*/, '');
    expect(await types(await open(app, `${epoch}-4`), 1)).toEqual(['snapshot']);
  });

  it('sends a client that has missed something back for a snapshot', async () => {
    const app = await startApp({ limits: { sessionEntries: 50, sessionBytes: 10_000_000 } });
    const stream = await open(app);
    await stream.until(isSnapshot);
    stream.pause();
    const filler = 'x'.repeat(100_000);
    for (let count = 0; count < 200; count++) await logChat(app.logs, 's', filler);
    stream.resume();
    const frames = await stream.rest();
    expect(stream.over).toBe('ended');
    const { retry } = frames.at(-1) as { retry: number };
    expect(retry).toBeLessThan(500);
    const { id } = frames.at(-2) as EventFrame;
    const again = await open(app, id);
    expect(await types(again, 2)).toEqual(['gap', 'snapshot']);
  });

  it('moves the position over what is held back as the beginning of a token', async () => {
    const app = await startApp({ http: { retry: 1 } });
    const stream = await open(app);
    await stream.until(isSnapshot);
    await logChat(app.logs, 's', '<thi');
    await app.close();
    const [position] = (await stream.rest()) as EventFrame[];
    expect(position).toMatchObject({ event: 'position', id: expect.stringMatching(/-1$/) as string });
  });
});
