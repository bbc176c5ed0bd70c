import { jest } from '@jest/globals';
import { UnauthorizedException } from '@nestjs/common';
import { SessionStore, type Authorize } from 'nestjs-session-logger';
import request from 'supertest';
import type { MemoryStore } from '../src/store/memory-store.js';
import { cleanUp } from './support/clean-up.js';
import { EventStream } from './support/event-stream.js';
import { endSession, logChat, startApp, type TestApp } from './support/test-app.js';

afterEach(cleanUp);

interface List {
  sessions: {
    sessionId: string;
    state: string;
    firstAt: string;
    lastAt: string;
    entries: number;
    readers: number;
  }[];
  cursor?: string;
}

const start = (authorize: Authorize | 'none' = 'none'): Promise<TestApp> =>
  startApp({ http: { list: true, authorize } });

async function list(url: string, query = ''): Promise<List> {
  const response = await fetch(`${url}/logs${query}`);
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  return (await response.json()) as List;
}

const idsOf = ({ sessions }: List): string[] => sessions.map(({ sessionId }) => sessionId);

describe('GET /logs', () => {
  it('is not there unless it is switched on', async () => {
    const { url } = await startApp();
    expect((await fetch(`${url}/logs`)).status).toBe(404);
  });

  it('tells of each session when it began and when it was logged to, entries, readers and state', async () => {
    const { url, logs } = await start();
    await logs.logEntryToQueue({ sessionId: 'a', message: '1', timestamp: '2026-11-20T12:00:00.000Z' });
    await logs.logEntryToQueue({ sessionId: 'a', message: '2', timestamp: '2026-11-20T12:00:09.000Z' });
    await logChat(logs, 'b', 'x');
    await endSession(logs, 'b', { error: 'broken' });
    await (await EventStream.open(`${url}/logs/a`)).entries(1);
    const { sessions, cursor } = await list(url);
    expect(sessions).toEqual([
      {
        sessionId: 'a',
        state: 'open',
        firstAt: '2026-11-20T12:00:00.000Z',
        lastAt: '2026-11-20T12:00:09.000Z',
        entries: 2,
        readers: 1,
        position: expect.stringMatching(/-2$/) as string,
      },
      expect.objectContaining({ sessionId: 'b', state: 'error', entries: 2, readers: 0 }),
    ]);
    expect(cursor).toBeUndefined();
  });

  it('gives each session once, page by page', async () => {
    const { url, logs } = await start();
    const ids = Array.from({ length: 25 }, (_, n) => `s${n}`);
    for (const id of ids) await logChat(logs, id, 'x');
    const found: string[] = [];
    let query: string | undefined = '?limit=7';
    while (query !== undefined) {
      const page: List = await list(url, query);
      found.push(...idsOf(page));
      query = page.cursor && `?limit=7&cursor=${page.cursor}`;
    }
    expect(found.toSorted()).toEqual(ids.toSorted());
  });

  it('shows a client what its filter lets through, in full pages', async () => {
    const asked: unknown[] = [];
    const { url, logs } = await start((_, sessionId, action) => {
      asked.push([sessionId, action]);
      return (id) => id.startsWith('mine-');
    });
    for (let n = 0; n < 30; n++) await logChat(logs, n % 3 === 0 ? `mine-${n}` : `other-${n}`, 'x');
    const first = await list(url, '?limit=6');
    expect(first.sessions).toHaveLength(6);
    const rest = await list(url, `?limit=100&cursor=${first.cursor}`);
    const ids = [...idsOf(first), ...idsOf(rest)];
    expect(ids).toHaveLength(10);
    expect(ids.every((id) => id.startsWith('mine-'))).toBe(true);
    expect(asked).toEqual([
      ['', 'list'],
      ['', 'list'],
    ]);
  });

  it.each([1, 2, 5, 100])('finds the few that a client may see among many, in pages of %d', async (limit) => {
    const { url, logs, app } = await start(() => (id) => /^s\d*7$/.test(id));
    const calls = jest.spyOn(app.get<MemoryStore>(SessionStore), 'list');
    for (let n = 0; n < 60; n++) await logs.logChunkToQueue('x', `s${n}`);
    const found: string[] = [];
    let query: string | undefined = `?limit=${limit}`;
    while (query !== undefined) {
      const page: List = await list(url, query);
      expect(page.sessions.length).toBeLessThanOrEqual(limit);
      found.push(...idsOf(page));
      query = page.cursor && `?limit=${limit}&cursor=${page.cursor}`;
    }
    expect(found.toSorted()).toEqual(['s17', 's27', 's37', 's47', 's57', 's7']);
    expect(calls.mock.calls.length).toBeLessThan(60);
  });

  it('asks the store a few times at the most, whatever a client may see', async () => {
    const { url, logs, app } = await start(() => () => false);
    for (let n = 0; n < 6_000; n++) await logs.logChunkToQueue('x', `s${n}`);
    const calls = jest.spyOn(app.get<MemoryStore>(SessionStore), 'list');
    expect(await list(url, '?limit=1')).toEqual({ sessions: [], cursor: expect.any(String) as string });
    expect(calls).toHaveBeenCalledTimes(5);
  });

  it('hides a session where the filter throws or returns anything but true', async () => {
    const answers: Record<string, () => unknown> = {
      a: () => true,
      b: () => 1,
      c: () => Promise.resolve(true),
      d: () => {
        throw new Error('who is d?');
      },
    };
    const { url, logs } = await start((() => (id: string) => answers[id]!()) as unknown as Authorize);
    for (const id of Object.keys(answers)) await logChat(logs, id, 'x');
    expect(idsOf(await list(url))).toEqual(['a']);
  });

  it.each<[string, Authorize, number]>([
    ['false', () => false, 403],
    ['a grant that has expired', () => ({ expiresAt: Date.now() - 1 }), 403],
    ['a grant', () => ({}), 200],
    [
      'an HttpException',
      () => {
        throw new UnauthorizedException();
      },
      401,
    ],
    [
      'any other error',
      () => {
        throw new Error('no database');
      },
      503,
    ],
  ])('answers as http.authorize says: %s', async (_, authorize, status) => {
    const { url } = await start(authorize);
    expect((await fetch(`${url}/logs`)).status).toBe(status);
  });

  it('lets no filter in where a session is meant', async () => {
    const { url } = await startApp({ http: { history: true, authorize: () => () => true } });
    expect((await fetch(`${url}/logs/a`)).status).toBe(403);
    expect((await fetch(`${url}/logs/a/history`)).status).toBe(403);
  });

  it.each(['limit=0', 'limit=1001', 'limit=1.5', `cursor=${'x'.repeat(300)}`, 'cursor=a&cursor=b'])(
    'answers 400 to ?%s',
    async (query) => {
      const { app } = await start();
      await request(app.getHttpServer()).get(`/logs?${query}`).expect(400);
    },
  );
});
