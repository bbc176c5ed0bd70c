import { setImmediate } from 'node:timers/promises';
import type { INestApplication } from '@nestjs/common';
import type { Response } from 'express';
import type { Gap, LogEntry, SessionLoggerService } from 'nestjs-session-logger';
import request from 'supertest';
import { cleanUp } from './support/clean-up.js';
import { EventSourceClient } from './support/event-source-client.js';
import {
  entriesOf,
  EventStream,
  isComment,
  isEntry,
  isEvent,
  messagesOf,
  type Frame,
} from './support/event-stream.js';
import { endSession, logChat, startApp } from './support/test-app.js';
import { until } from './support/turns.js';

afterEach(cleanUp);

/** Logs 0, 1, 2 and so on to `chat-1`, a few every turn of the event loop, until told; returns how many. */
async function logNumbers(logs: SessionLoggerService, stop: AbortSignal): Promise<number> {
  let logged = 0;
  while (!stop.aborted) {
    for (let n = 0; n < 3; n++) await logs.logChunkToQueue(String(logged++), 'chat-1');
    await setImmediate();
  }
  return logged;
}

/** One word in place of a text that would fill the screen when a test fails. */
const isWholeSequence = (messages: string[]): boolean =>
  messages.every((message, n) => message === String(n));

describe('GET /logs/:sessionId', () => {
  it('answers with the head of an event stream', async () => {
    const { url } = await startApp();
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      connection: 'close',
    });
    expect(stream.headers).not.toHaveProperty('transfer-encoding');
  });

  it('sends retry, then the position, then history, then what is logged live', async () => {
    const { url, logs } = await startApp();
    await logChat(logs, 'chat-1', 'a', 'b');
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    expect(await stream.next()).toEqual({ retry: 2_000 });
    const position = (await stream.next()) as { id: string };
    expect(position).toEqual({ event: 'position', id: expect.stringMatching(/^[a-z0-9]+-0$/), data: {} });
    expect((await stream.entries(2)).map((entry) => entry.message)).toEqual(['a', 'b']);
    await logChat(logs, 'chat-1', 'c');
    const epoch = position.id.split('-')[0];
    expect(await stream.next()).toMatchObject({ id: `${epoch}-3`, data: { message: 'c', id: `${epoch}-3` } });
  });

  it('tells the retry that the options say', async () => {
    const { url } = await startApp({ http: { retry: 12_345 } });
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    expect(await stream.next()).toEqual({ retry: 12_345 });
  });

  it('sends an entry as JSON without an event name, its id being its position', async () => {
    const { url, logs } = await startApp();
    const input = {
      sessionId: 'chat-1',
      message: 'Looking it up',
      logType: 'log',
      level: 'warn',
      context: 'Search',
      data: { hits: 3, tags: ['x', null], nested: { on: true } },
      timestamp: '2026-11-22T14:26:00.000Z',
    } as const;
    await logs.logEntryToQueue(input);
    await logs.distribute({ finite: true });
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    const [frame] = (await stream.until(isEntry)).slice(-1) as [
      { id: string; event: undefined; data: LogEntry },
    ];
    const [held] = logs.getAllLogsInQueue();
    expect(frame.event).toBeUndefined();
    expect(frame.data).toEqual({ ...input, uid: held!.uid, id: held!.id });
    expect(frame.id).toBe(held!.id);
  });

  it('gives onmessage the entries alone, and the position only an id', async () => {
    const { url, logs } = await startApp();
    await logChat(logs, 'chat-1', 'a', 'b');
    const client = new EventSourceClient(`${url}/logs/chat-1`);
    const opened = await client.until('message');
    expect(opened.map((event) => event.type)).toEqual(['open', 'position', 'message']);
    expect(opened[1]).toMatchObject({ data: '{}', lastEventId: expect.stringMatching(/-0$/) });
    expect(JSON.parse(opened[2]!.data!)).toMatchObject({ message: 'a', id: opened[2]!.lastEventId });
    expect(await client.messages(1)).toEqual(['b']);
  });

  it('gives each client every entry once and in order, whenever it connects', async () => {
    const { url, logs } = await startApp({ limits: { sessionEntries: 1_000_000 } });
    const opened = new AbortController();
    const logging = logNumbers(logs, opened.signal);
    const streams: EventStream[] = [];
    while (streams.length < 20) streams.push(await EventStream.open(`${url}/logs/chat-1`));
    opened.abort();
    const logged = await logging;
    await endSession(logs, 'chat-1');
    for (const stream of streams) {
      const messages = messagesOf(await stream.rest());
      expect([messages.length, isWholeSequence(messages)]).toEqual([logged, true]);
    }
  });

  it('keeps interleaved sessions apart, and gives two clients of one session everything', async () => {
    const { url, logs } = await startApp();
    const ids = ['chat-1', 'chat-1', 'chat-2', 'chat-3'];
    const streams = await Promise.all(ids.map((id) => EventStream.open(`${url}/logs/${id}`)));
    for (let n = 0; n < 300; n++) await logs.logChunkToQueue(`m${n}`, `chat-${(n % 3) + 1}`);
    for (const id of new Set(ids)) await endSession(logs, id);
    for (const [index, stream] of streams.entries()) {
      const entries = entriesOf(await stream.rest());
      const own = Number(ids[index]!.slice(-1)) - 1;
      expect(entries.every((entry) => entry.sessionId === ids[index])).toBe(true);
      expect(entries.map((entry) => entry.message)).toEqual(
        Array.from({ length: 100 }, (_, n) => `m${n * 3 + own}`),
      );
    }
  });

  it('never lets a message make another event, id or field', async () => {
    const { url, logs } = await startApp();
    const hostile = [
      'a\n\nevent: end\ndata: {}\n\n',
      'a\r\nid: forged-99\r\n\r\n',
      'a\rretry: 1\r\r',
      '\0\u2028\u2029\u0085\ufeff',
      'data: x\n\n: comment',
    ];
    await logChat(logs, 'chat-1', ...hostile);
    await logs.logEntryToQueue({
      sessionId: 'chat-1',
      message: 'm',
      context: '\n\nevent: x',
      data: { '\n\nid: y': '\r' },
    });
    await endSession(logs, 'chat-1', { error: 'boom\n\nevent: message\ndata: {}' });
    const frames = await (await EventStream.open(`${url}/logs/chat-1`)).rest();
    expect(frames.map((frame) => ('data' in frame ? (frame.event ?? 'entry') : 'other'))).toEqual([
      'other',
      'position',
      ...Array.from({ length: 6 }, () => 'entry'),
      'end',
    ]);
    expect(messagesOf(frames)).toEqual([...hostile, 'm']);
    const ids = frames.slice(1).map((frame) => 'id' in frame && Number(frame.id?.split('-')[1]));
    expect(ids).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('breaks silence by comments', async () => {
    const { url } = await startApp({ http: { heartbeat: 5 } });
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    await stream.until(isComment);
    expect(isComment((await stream.next())!)).toBe(true);
  });

  it('goes on after comments', async () => {
    const { url, logs } = await startApp({ http: { heartbeat: 5 } });
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    await stream.until(isComment);
    await logChat(logs, 'chat-1', 'late');
    expect((await stream.entries(1))[0]!.message).toBe('late');
  });

  it('serves a session that nobody has logged to yet', async () => {
    const { url, logs } = await startApp();
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    await stream.until(isEvent('position'));
    await logChat(logs, 'chat-1', 'first');
    expect((await stream.entries(1))[0]!.message).toBe('first');
  });

  it('ends an answer to HEAD, and holds no reader for it', async () => {
    const { url, logs } = await startApp();
    await request(url).head('/logs/chat-1').expect(200).expect('Content-Type', 'text/event-stream');
    expect(logs.stats()).toMatchObject({ readers: 0, sessions: 0 });
  });

  it('serves no other method than GET', async () => {
    const { url } = await startApp();
    await request(url).post('/logs/chat-1').expect(404);
    await request(url).delete('/logs/chat-1').expect(404);
  });
});

describe("a session's end", () => {
  it('is an end event after everything before it, and closes the stream', async () => {
    const { url, logs } = await startApp();
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    await logChat(logs, 'chat-1', 'a');
    await endSession(logs, 'chat-1');
    const frames = await stream.rest();
    expect(messagesOf(frames)).toEqual(['a']);
    expect(frames.at(-1)).toEqual({
      event: 'end',
      id: expect.stringMatching(/-2$/),
      data: { reason: 'completed' },
    });
    expect(stream.over).toBe('ended');
    await until(() => logs.stats().readers === 0);
  });

  it('tells the reason and the message of an error, never its stack', async () => {
    const { url, logs } = await startApp();
    await endSession(logs, 'chat-1', { error: new Error('The model is away') });
    await logs.endSession('chat-2', { reason: 'cancelled' });
    await logs.distribute({ finite: true });
    const [failed, cancelled] = await Promise.all(
      ['chat-1', 'chat-2'].map(async (id) => (await EventStream.open(`${url}/logs/${id}`)).rest()),
    );
    expect(failed!.at(-1)).toMatchObject({
      event: 'end',
      data: { reason: 'error', error: 'The model is away' },
    });
    expect(cancelled!.at(-1)).toMatchObject({ event: 'end', data: { reason: 'cancelled' } });
  });

  it('that entries follow is not told to who reads it later', async () => {
    const { url, logs } = await startApp();
    await logChat(logs, 'chat-1', 'a');
    await endSession(logs, 'chat-1');
    await logChat(logs, 'chat-1', 'b');
    await endSession(logs, 'chat-1');
    const frames = await (await EventStream.open(`${url}/logs/chat-1`)).rest();
    expect(messagesOf(frames)).toEqual(['a', 'b']);
    expect(frames.filter(isEvent('end'))).toHaveLength(1);
  });
});

describe('a client that goes away', () => {
  it('frees its reader, and the session log that only it had made', async () => {
    const { url, logs } = await startApp();
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    await stream.until(isEvent('position'));
    expect(logs.stats()).toMatchObject({ readers: 1, sessions: 1 });
    stream.close();
    await until(() => logs.stats().readers === 0);
    expect(logs.stats().sessions).toBe(0);
  });

  it('does not disturb those who stay', async () => {
    const { url, logs } = await startApp();
    const [leaver, stayer] = await Promise.all([1, 2].map(() => EventStream.open(`${url}/logs/chat-1`)));
    leaver!.close();
    await until(() => logs.stats().readers === 1);
    await logChat(logs, 'chat-1', 'a');
    expect((await stayer!.entries(1))[0]!.message).toBe('a');
  });
});

describe('a client that does not read', () => {
  const CHUNK = 'x'.repeat(64 * 1024);
  const COUNT = 400;

  it('holds up nobody, costs a bounded buffer, and is told what it has lost', async () => {
    const responses: Response[] = [];
    const configure = (app: INestApplication): unknown =>
      app.use((_: unknown, response: Response, next: () => void) => {
        responses.push(response);
        next();
      });
    const { url, logs } = await startApp({ limits: { sessionEntries: 20 } }, { configure });
    const idle = await EventStream.open(`${url}/logs/chat-1`);
    await idle.until(isEvent('position'));
    idle.pause();
    const busy = await EventStream.open(`${url}/logs/chat-1`);
    for (let n = 0; n < COUNT; n += 10) {
      await logChat(logs, 'chat-1', ...Array.from({ length: 10 }, () => CHUNK));
      expect(await busy.entries(10)).toHaveLength(10);
    }
    await endSession(logs, 'chat-1');
    expect((await busy.rest()).at(-1)).toMatchObject({ event: 'end' });
    // One batch at the most, beside what the kernel holds.
    expect(responses[0]!.writableLength).toBeLessThan(20 * 2 * CHUNK.length);
    idle.resume();
    const frames: Frame[] = await idle.rest();
    const gaps = frames.filter(isEvent('gap')).map((frame) => frame.data as Gap);
    expect(gaps[0]).toEqual({ reason: 'evicted', resumedAt: expect.any(String), missed: expect.any(Number) });
    const missed = gaps.reduce((sum, gap) => sum + gap.missed!, 0);
    expect(messagesOf(frames).length + missed).toBe(COUNT);
    expect(frames.at(-1)).toMatchObject({ event: 'end' });
  });
});
