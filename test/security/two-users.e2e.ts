import { readLogFiles, type LogEntry, type SessionRequest } from 'nestjs-session-logger';
import { Pool } from 'undici';
import { seeded } from '../clients/seeded.js';
import { cleanUp, onCleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';
import { startApp, type TestApp } from '../support/test-app.js';
import { askAnything, KEPT, markOf, otherOf, USERS, type Answered, type User } from './mixed-requests.js';

const REQUESTS = 10_000;
const AT_ONCE = 20;

afterEach(cleanUp);

function userOf({ headers }: SessionRequest): User | undefined {
  return USERS.find((user) => headers.authorization === `Bearer ${user}`);
}

async function start(dir: string): Promise<TestApp> {
  const started = await startApp({
    files: { dir },
    // The beginnings of kept sessions move into the files.
    limits: { sessionEntries: 200 },
    http: {
      list: true,
      history: true,
      delete: true,
      write: true,
      cancel: true,
      authorize: (request, sessionId, action) => {
        const user = userOf(request);
        if (user === undefined) return false;
        const isOwn = (id: string): boolean => id.startsWith(`${user}-`);
        return action === 'list' ? isOwn : isOwn(sessionId);
      },
    },
  });
  for (const user of USERS) {
    for (let at = 0; at < KEPT; at++) {
      const sessionId = `${user}-kept-${at}`;
      for (let n = 0; n < 20; n++) await started.logs.logChunkToQueue(markOf(user), sessionId);
    }
  }
  return started;
}

describe('two users and 10,000 mixed requests', () => {
  it('never cross', async () => {
    const dir = tempDir();
    const { url, logs } = await start(dir);
    const pool = new Pool(url, { connections: AT_ONCE });
    onCleanUp(() => pool.destroy());
    const random = seeded(7);
    const answers: Answered[] = [];
    const ask = async (): Promise<void> => {
      for (let n = 0; n < REQUESTS / AT_ONCE; n++) answers.push(await askAnything(pool, random));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    expect(answers).toHaveLength(REQUESTS);

    // What one is told of the other's sessions is the same, whatever there is.
    const denied = answers.filter(({ user, owner }) => user !== owner);
    expect(new Set(denied.map(({ status }) => status))).toEqual(new Set([403]));
    expect(new Set(denied.map(({ body }) => body)).size).toBe(1);
    expect(denied.length).toBeGreaterThan(REQUESTS / 4);

    const granted = answers.filter(({ user, owner }) => user === owner);
    const codes = (action: string): number[] =>
      [...new Set(granted.filter((one) => one.action === action).map(({ status }) => status))].toSorted(
        (a, b) => a - b,
      );
    expect(codes('read')).toEqual([200]);
    expect(codes('history')).toEqual([200]);
    expect(codes('list')).toEqual([200]);
    expect(codes('delete')).toEqual([204]);
    expect(codes('cancel')).toEqual([204]);
    // Two at once with one key: the second is told to wait.
    expect(codes('write').filter((status) => status !== 409)).toEqual([202]);
    expect(answers.filter(({ user, body }) => body.includes(markOf(otherOf(user))))).toEqual([]);
    expect(answers.filter(({ user, body }) => body.includes(`${otherOf(user)}-`))).toEqual([]);
    expect(granted.filter(({ user, body }) => body.includes(markOf(user))).length).toBeGreaterThan(1_000);

    await logs.flush();
    const { sessions } = await logs.listSessions({ limit: 1_000 });
    for (const { sessionId } of sessions) {
      const { records } = await logs.getSessionHistory(sessionId, { limit: 1_000 });
      const entries = records.filter((record): record is LogEntry => 'message' in record);
      expect(new Set(entries.map(({ message }) => message))).toEqual(expectedIn(sessionId, entries.length));
    }
    for await (const { sessionId, message } of readLogFiles({ dir })) {
      expect(message).toBe(markOf(ownerOf(sessionId)));
    }
  }, 240_000);

  it('leave out who has no name', async () => {
    const { url } = await start(tempDir());
    const ask = (method: string, path: string): Promise<Response> => fetch(`${url}${path}`, { method });
    const answers = await Promise.all([
      ask('GET', '/logs/alice-kept-0'),
      ask('GET', '/logs/alice-kept-0/history'),
      ask('GET', '/logs'),
      ask('POST', '/logs/alice-kept-0'),
      ask('POST', '/logs/alice-kept-0/cancel'),
      ask('DELETE', '/logs/alice-kept-0'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403]);
  });
});

function ownerOf(sessionId: string): User {
  return USERS.find((user) => sessionId.startsWith(`${user}-`))!;
}

function expectedIn(sessionId: string, entries: number): Set<string> {
  return new Set(entries === 0 ? [] : [markOf(ownerOf(sessionId))]);
}
