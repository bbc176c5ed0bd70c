import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { SessionLoggerOptions } from 'nestjs-session-logger';
import request from 'supertest';
import { cleanUp } from './support/clean-up.js';
import { followHistory as follow, getHistory as get, messagesOf } from './support/history-client.js';
import { tempDir } from './support/temp-dir.js';
import { logChat, startApp, type TestApp } from './support/test-app.js';

afterEach(cleanUp);

const numbers = (count: number): string[] => Array.from({ length: count }, (_, n) => `m${n}`);

function start(options: SessionLoggerOptions = {}): Promise<TestApp> {
  return startApp({ files: { dir: tempDir() }, http: { history: true, authorize: 'none' }, ...options });
}

describe('GET /logs/:sessionId/history', () => {
  it('is not there unless it is switched on', async () => {
    const { url } = await startApp();
    expect((await fetch(`${url}/logs/chat-1/history`)).status).toBe(404);
  });

  it('gives what the store holds, ends included, with positions', async () => {
    const { url, logs } = await start({ files: false });
    await logChat(logs, 'chat-1', 'a', 'b');
    await logs.endSession('chat-1');
    const { lines, next } = await get(`${url}/logs/chat-1/history`);
    expect(lines).toMatchObject([
      { message: 'a', sessionId: 'chat-1' },
      { message: 'b' },
      { reason: 'completed' },
    ]);
    expect(lines.map(({ id }) => id?.split('-')[1])).toEqual(['1', '2', '3']);
    expect(next).toBeUndefined();
  });

  it('gives nothing of a session that there is not', async () => {
    const { url } = await start();
    expect(await get(`${url}/logs/none/history`)).toEqual({ lines: [], next: undefined });
  });

  it.each([1, 2, 3, 7, 19, 20, 21])('gives all once, page by page of %d', async (limit) => {
    const { url, logs } = await start({ limits: { sessionEntries: 5 } });
    await logChat(logs, 'other', 'x');
    await logChat(logs, 'chat-1', ...numbers(20));
    await logs.flush();
    expect(messagesOf(await follow(`${url}/logs/chat-1/history?limit=${limit}`))).toEqual(numbers(20));
  });

  it('gives all once while entries leave the store between two pages', async () => {
    const { url, logs } = await start({ limits: { sessionEntries: 8 } });
    await logChat(logs, 'chat-1', ...numbers(20));
    await logs.flush();
    let logged = 20;
    const lines = await follow(`${url}/logs/chat-1/history?limit=4`, async () => {
      if (logged >= 60) return;
      await logChat(logs, 'chat-1', ...numbers(logged + 10).slice(logged));
      logged += 10;
      await logs.flush();
    });
    expect(messagesOf(lines)).toEqual(numbers(60));
  });

  it('reads archives, and passes over other sessions and lines that no reader was given', async () => {
    const dir = tempDir();
    const line = (uid: string, sessionId: string, more: object): string =>
      `${JSON.stringify({ uid, timestamp: '2026-11-20T12:00:00.000Z', sessionId, logType: 'log', ...more })}\n`;
    const archived =
      line('p-1', 'chat-1', { message: 'old', level: 'error', stack: 'Error\n    at secret' }) +
      line('p-2', 'chat-2', { message: 'says "chat-1"' }) +
      line('p-3', 'chat-1', { message: 'internal', stream: false });
    writeFileSync(join(dir, '2026-11-20.log.gz'), gzipSync(archived));
    const { url, logs } = await start({ files: { dir, retention: false } });
    await logChat(logs, 'chat-1', 'new');
    const { lines } = await get(`${url}/logs/chat-1/history`);
    expect(messagesOf(lines)).toEqual(['old', 'new']);
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  it('begins behind a position, and tells a gap where that is gone', async () => {
    const { url, logs } = await start({ limits: { sessionEntries: 5 } });
    await logChat(logs, 'chat-1', ...numbers(4));
    const { lines } = await get(`${url}/logs/chat-1/history`);
    const behind = await get(`${url}/logs/chat-1/history?after=${lines[1]!.id}`);
    expect(messagesOf(behind.lines)).toEqual(['m2', 'm3']);
    await logChat(logs, 'chat-1', ...numbers(10).slice(4));
    const late = await get(`${url}/logs/chat-1/history?after=${lines[1]!.id}`);
    expect(late.lines[0]).toMatchObject({ gap: { reason: 'evicted', missed: 3 } });
    expect(messagesOf(late.lines.slice(1))).toEqual(['m5', 'm6', 'm7', 'm8', 'm9']);
  });

  it('is paged by time, ends included', async () => {
    const { url, logs } = await start({ limits: { sessionEntries: 3 } });
    for (let n = 0; n < 9; n++) {
      const timestamp = `2026-11-20T12:00:0${n}.000Z`;
      await logs.logEntryToQueue({ sessionId: 'chat-1', message: `m${n}`, timestamp });
    }
    await logs.endSession('chat-1', { error: 'of today' });
    await logs.flush();
    const query = 'from=2026-11-20T12:00:02Z&to=2026-11-20T12:00:08Z&limit=2';
    const lines = await follow(`${url}/logs/chat-1/history?${query}`);
    expect(messagesOf(lines)).toEqual(['m2', 'm3', 'm4', 'm5', 'm6', 'm7']);
  });

  it('keeps a page within bytes', async () => {
    const { url, logs } = await start();
    const long = 'x'.repeat(1024 * 1024);
    await logChat(logs, 'chat-1', ...Array.from({ length: 6 }, () => long));
    const { lines, next } = await get(`${url}/logs/chat-1/history`);
    expect(lines.length).toBeLessThan(5);
    expect(lines.length + (await follow(next!)).length).toBe(6);
  });

  it('asks for `history`, and keeps to what the client may see', async () => {
    const actions: string[] = [];
    const { url, logs } = await start({
      limits: { sessionEntries: 2 },
      http: {
        history: true,
        authorize: (_, sessionId, action) => {
          actions.push(action);
          return sessionId === 'mine' && { minLevel: 'warn' };
        },
      },
    });
    for (const level of ['debug', 'error', 'log', 'warn', 'debug'] as const) {
      await logs.logEntryToQueue({ sessionId: 'mine', message: level, logType: 'log', level });
    }
    await logs.flush();
    expect(messagesOf((await get(`${url}/logs/mine/history`)).lines)).toEqual(['error', 'warn']);
    expect((await fetch(`${url}/logs/other/history`)).status).toBe(403);
    expect(actions).toEqual(['history', 'history']);
  });

  it.each([
    'limit=0',
    'limit=1001',
    'limit=x',
    'after=x',
    'cursor=~',
    'cursor=%0d%0a',
    'from=yesterday',
    'to=1',
    'from=20200101',
    'from=2020-W01-1',
    'from=2020-325',
    'to=2020-01-01T12',
    'from=2020-01-01&from=2020-01-02',
    'cursor=a&cursor=b',
  ])('answers 400 to ?%s', async (query) => {
    const { app } = await start();
    await request(app.getHttpServer()).get(`/logs/chat-1/history?${query}`).expect(400);
  });
});
