import type { SessionLoggerOptions } from 'nestjs-session-logger';
import request from 'supertest';
import { cleanUp } from './support/clean-up.js';
import { EventSourceClient } from './support/event-source-client.js';
import {
  EventStream,
  isEntry,
  isEvent,
  messagesOf,
  type EventFrame,
  type Frame,
} from './support/event-stream.js';
import { endSession, logChat, startApp, type TestApp } from './support/test-app.js';
import { until } from './support/turns.js';

afterEach(cleanUp);

/** An app whose session `chat-1` holds `a`, `b`, `c` and an end, and the epoch of that session. */
async function startEnded(options: SessionLoggerOptions = {}): Promise<TestApp & { epoch: string }> {
  const started = await startApp(options);
  await logChat(started.logs, 'chat-1', 'a', 'b', 'c');
  await endSession(started.logs, 'chat-1');
  return { ...started, epoch: started.logs.getAllLogsInQueue()[0]!.id!.split('-')[0]! };
}

/** All frames of a session that has ended, after `retry:`. */
async function read(url: string, query = '', headers: Record<string, string> = {}): Promise<Frame[]> {
  const stream = await EventStream.open(`${url}/logs/chat-1${query}`, headers);
  expect(stream.status).toBe(200);
  const [retry, ...frames] = await stream.rest();
  expect(retry).toEqual({ retry: 2_000 });
  return frames;
}

describe('where a reader starts', () => {
  it.each([
    ['nothing', '', undefined, 'abc'],
    ['from=start', '?from=start', undefined, 'abc'],
    ['from=<position>, exclusive', '?from=EPOCH-1', undefined, 'bc'],
    ['from=<position> before the first', '?from=EPOCH-0', undefined, 'abc'],
    ['lastEventId', '?lastEventId=EPOCH-2', undefined, 'c'],
    ['Last-Event-ID', '', 'EPOCH-2', 'c'],
    ['Last-Event-ID above lastEventId and from', '?lastEventId=EPOCH-1&from=start', 'EPOCH-2', 'c'],
    ['lastEventId above from', '?lastEventId=EPOCH-1&from=now', undefined, 'bc'],
    ['from below an empty Last-Event-ID and lastEventId', '?lastEventId=&from=EPOCH-2', '', 'c'],
  ])('is said by %s', async (_, query, header, expected) => {
    const { url, epoch } = await startEnded();
    const headers = header === undefined ? undefined : { 'Last-Event-ID': header.replace('EPOCH', epoch) };
    const frames = await read(url, query.replaceAll('EPOCH', epoch), headers);
    expect(messagesOf(frames).join('')).toBe(expected);
    expect(frames.some(isEvent('gap'))).toBe(false);
    const standing = `${epoch}-${3 - expected.length}`;
    expect(frames[0]).toEqual({ event: 'position', id: standing, data: {} });
  });

  it('is after all that was logged with from=now', async () => {
    const { url, logs } = await startApp();
    await logChat(logs, 'chat-1', 'a', 'b');
    const stream = await EventStream.open(`${url}/logs/chat-1?from=now`);
    const position = (await stream.until(isEvent('position'))).at(-1) as EventFrame;
    expect(position.id).toMatch(/-2$/);
    await logChat(logs, 'chat-1', 'c');
    expect(messagesOf([(await stream.next())!])).toEqual(['c']);
  });

  it('is before the next entry with from=now on a session that has ended', async () => {
    const { url, logs } = await startEnded();
    const stream = await EventStream.open(`${url}/logs/chat-1?from=now`);
    await stream.until(isEvent('position'));
    await logChat(logs, 'chat-1', 'd');
    expect(messagesOf([(await stream.next())!])).toEqual(['d']);
  });

  it('is the oldest retained entry, also when pop has taken it', async () => {
    const { url, logs } = await startEnded();
    for await (const message of logs.pop('chat-1')) expect(message).toMatch(/[abc]/);
    expect(messagesOf(await read(url))).toEqual(['a', 'b', 'c']);
  });

  it('is told a gap by nobody who starts at the oldest retained of a log that has lost entries', async () => {
    const { url } = await startEnded({ limits: { sessionEntries: 3 } });
    const frames = await read(url);
    expect(messagesOf(frames)).toEqual(['b', 'c']);
    expect(frames.some(isEvent('gap'))).toBe(false);
  });

  it.each([
    '',
    'end',
    'Start',
    'abc',
    'abc-',
    '-1',
    'abc-x',
    'a b-1',
    `${'a'.repeat(65)}-1`,
    'abc-1\n',
    'start&from=now',
  ])('is refused with 400 for from=%j', async (from) => {
    const { url, logs } = await startApp();
    const query = from.includes('&') ? from : encodeURIComponent(from);
    const { body } = await request(url).get(`/logs/chat-1?from=${query}`).expect(400);
    expect(body).toMatchObject({ message: [expect.stringMatching(/from must be start, now or a position/)] });
    expect(logs.stats().sessions).toBe(0);
  });
});

describe('a resume that cannot be exact', () => {
  const gaps = (frames: Frame[]): unknown[] => frames.filter(isEvent('gap')).map((frame) => frame.data);

  it.each([
    ['malformed', 'nonsense'],
    ['malformed', 'EPOCH-'],
    ['malformed', 'EPOCH-01'],
    ['malformed', 'EPOCH--1'],
    ['malformed', 'EPOCH-1 '.repeat(500)],
    ['malformed', 'start'],
    ['malformed', 'now'],
    ['epoch', 'foreign-2'],
    ['future', 'EPOCH-5'],
    ['future', 'EPOCH-9007199254740991'],
  ])('is a gap with reason %s for Last-Event-ID: %s', async (reason, id) => {
    const { url, epoch } = await startEnded();
    const frames = await read(url, '', { 'Last-Event-ID': id.replaceAll('EPOCH', epoch) });
    expect(gaps(frames)).toEqual([{ reason, resumedAt: `${epoch}-0`, missed: null }]);
    expect(messagesOf(frames)).toEqual(['a', 'b', 'c']);
    expect(frames.at(-1)).toMatchObject({ event: 'end' });
  });

  it.each(['?lastEventId=nonsense', '?lastEventId=a&lastEventId=b', '?lastEventId=now', '?from=EPOCH-007'])(
    'is a gap with reason malformed for %s',
    async (query) => {
      const { url, epoch } = await startEnded();
      const frames = await read(url, query.replace('EPOCH', epoch));
      expect(gaps(frames)).toEqual([{ reason: 'malformed', resumedAt: `${epoch}-0`, missed: null }]);
      expect(messagesOf(frames)).toEqual(['a', 'b', 'c']);
    },
  );

  it('is a gap that counts what is missing when it was evicted', async () => {
    const { url, epoch } = await startEnded({ limits: { sessionEntries: 2 } });
    const frames = await read(url, '', { 'Last-Event-ID': `${epoch}-1` });
    expect(gaps(frames)).toEqual([{ reason: 'evicted', resumedAt: `${epoch}-2`, missed: 1 }]);
    expect(messagesOf(frames)).toEqual(['c']);
  });

  it('is no gap while everything after the position is retained', async () => {
    const { url, epoch } = await startEnded({ limits: { sessionEntries: 2 } });
    const frames = await read(url, '', { 'Last-Event-ID': `${epoch}-2` });
    expect(gaps(frames)).toEqual([]);
    expect(messagesOf(frames)).toEqual(['c']);
  });

  it('tells the gap after the position and before the first entry, with an id to resume from', async () => {
    const { url, epoch } = await startEnded({ limits: { sessionEntries: 2 } });
    const frames = await read(url, '', { 'Last-Event-ID': `${epoch}-1` });
    expect(frames.map((frame) => 'data' in frame && [frame.event, frame.id])).toEqual([
      ['position', `${epoch}-1`],
      ['gap', `${epoch}-2`],
      [undefined, `${epoch}-3`],
      ['end', `${epoch}-4`],
    ]);
  });

  it('never echoes an id that is no position', async () => {
    const { url, epoch } = await startEnded();
    const frames = await read(url, `?lastEventId=${encodeURIComponent('x\n\nevent: forged\ndata: {}\n\n')}`);
    expect(frames[0]).toEqual({ event: 'position', id: `${epoch}-0`, data: {} });
    expect(frames.some(isEvent('forged'))).toBe(false);
  });

  it('is a gap on a session that does not exist, then live', async () => {
    const { url, logs } = await startApp();
    const stream = await EventStream.open(`${url}/logs/chat-1`, { 'Last-Event-ID': 'foreign-7' });
    const gap = (await stream.until(isEvent('gap'))).at(-1) as EventFrame;
    expect(gap.data).toMatchObject({ reason: 'epoch', missed: null });
    await logChat(logs, 'chat-1', 'a');
    expect(messagesOf([(await stream.next())!])).toEqual(['a']);
  });

  it('is a foreign epoch for a session log that was evicted and created anew', async () => {
    const { url, logs, epoch } = await startEnded({ limits: { sessions: 1 } });
    await logChat(logs, 'chat-2', 'pushes chat-1 out');
    await logChat(logs, 'chat-1', 'anew');
    const stream = await EventStream.open(`${url}/logs/chat-1`, { 'Last-Event-ID': `${epoch}-1` });
    const frames = await stream.until(isEntry);
    expect(gaps(frames)).toMatchObject([{ reason: 'epoch', missed: null }]);
    expect(messagesOf(frames)).toEqual(['anew']);
  });
});

describe('who comes back to a session that has ended', () => {
  it('gets the stream when something was logged before it asked, though it is still in the queue', async () => {
    const { url, logs, epoch } = await startEnded();
    for (let n = 0; n < 60_000; n++) void logs.logChunkToQueue('x', 'other');
    void logs.logChunkToQueue('next turn', 'chat-1');
    const stream = await EventStream.open(`${url}/logs/chat-1?lastEventId=${epoch}-4`);
    expect(stream.status).toBe(200);
    expect(messagesOf(await stream.until(isEntry))).toEqual(['next turn']);
  });

  it('gets 204 with the id of the end', async () => {
    const { url, logs, epoch } = await startEnded();
    await request(url).get('/logs/chat-1').set('Last-Event-ID', `${epoch}-4`).expect(204, '');
    await request(url).get(`/logs/chat-1?lastEventId=${epoch}-4`).expect(204);
    expect(logs.stats().readers).toBe(0);
  });

  it('gets the rest and the end with an id before it', async () => {
    const { url, epoch } = await startEnded();
    const frames = await read(url, '', { 'Last-Event-ID': `${epoch}-3` });
    expect(frames.map((frame) => 'data' in frame && frame.event)).toEqual(['position', 'end']);
  });

  it('gets 200 again once an entry has reopened the session, in the same epoch', async () => {
    const { url, logs, epoch } = await startEnded();
    await logChat(logs, 'chat-1', 'd');
    const stream = await EventStream.open(`${url}/logs/chat-1`, { 'Last-Event-ID': `${epoch}-4` });
    expect(stream.status).toBe(200);
    const frames = await stream.until(isEntry);
    expect(frames.at(-1)).toMatchObject({ id: `${epoch}-5`, data: { message: 'd' } });
    expect(frames.some(isEvent('gap'))).toBe(false);
  });

  it('gives up as an EventSource, having seen everything once', async () => {
    const { url, logs } = await startApp({ http: { retry: 1 } });
    const client = new EventSourceClient(`${url}/logs/chat-1`);
    await client.next('position');
    await logChat(logs, 'chat-1', 'a', 'b');
    await endSession(logs, 'chat-1');
    const types = (await client.until('end')).map((event) => event.type);
    expect(types).toEqual(['message', 'message', 'end']);
    expect(await client.next('error')).toMatchObject({ code: undefined });
    expect(await client.next('error')).toMatchObject({ code: 204 });
    expect(client.hasGivenUp).toBe(true);
  });
});

describe('an EventSource that lost its connection', () => {
  it('comes back by itself and gets each entry once', async () => {
    const { app, url, logs } = await startApp({ http: { retry: 1 } });
    const client = new EventSourceClient(`${url}/logs/chat-1`);
    await logChat(logs, 'chat-1', 'a', 'b');
    expect(await client.messages(2)).toEqual(['a', 'b']);
    (app.getHttpServer() as { closeAllConnections(): void }).closeAllConnections();
    await until(() => logs.stats().readers === 0);
    await logChat(logs, 'chat-1', 'c');
    const events = await client.until('message');
    expect(events.map((event) => event.type)).toEqual(['error', 'open', 'position', 'message']);
    expect(JSON.parse(events.at(-1)!.data!)).toMatchObject({ message: 'c' });
  });

  it('is told a gap by an application that was started anew', async () => {
    const before = await startApp({ http: { retry: 1 } });
    const client = new EventSourceClient(`${before.url}/logs/chat-1`);
    await logChat(before.logs, 'chat-1', 'a');
    await client.next('message');
    await before.close();
    const after = await startApp({ http: { retry: 1 } }, { port: before.port });
    await logChat(after.logs, 'chat-1', 'b');
    const gap = await client.next('gap');
    expect(JSON.parse(gap.data!)).toMatchObject({ reason: 'epoch', missed: null });
    expect(await client.messages(1)).toEqual(['b']);
  });
});
