import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  LogEntry,
  SessionStore,
  type SessionHistory,
  type SessionLoggerOptions,
  type SessionLoggerService,
} from 'nestjs-session-logger';
import { resolveOptions } from '../src/options/resolve-options.js';
import { MemoryStore } from '../src/store/memory-store.js';
import { cleanUp } from './support/clean-up.js';
import { followHistory, getHistory, messagesOf } from './support/history-client.js';
import { tempDir } from './support/temp-dir.js';
import { logChat, startApp, type TestApp } from './support/test-app.js';

afterEach(cleanUp);

const numbers = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, n) => `m${n + from}`);
const evicted = { gap: expect.objectContaining({ reason: 'evicted' }) as unknown };

/** A line of a daily file, as another process would have written it. */
function fileLine(uid: string, message: string, day = '2026-11-20'): string {
  const entry = { uid, timestamp: `${day}T12:00:00.000Z`, sessionId: 'chat-1', logType: 'chat', message };
  return `${JSON.stringify(entry)}\n`;
}

/** Something is logged whenever it was read, as happens between two answers of a store that is far away. */
class BusyStore extends MemoryStore {
  meanwhile: () => Promise<void> = async () => {};

  override history(...args: Parameters<MemoryStore['history']>): SessionHistory {
    // The port allows a promise.
    return this.read(...args) as unknown as SessionHistory;
  }

  private async read(...args: Parameters<MemoryStore['history']>): Promise<SessionHistory> {
    const page = super.history(...args);
    await this.meanwhile();
    return page;
  }
}

function start(dir: string, sessionEntries = 1_000, more: SessionLoggerOptions = {}): Promise<TestApp> {
  const http = { history: true, authorize: 'none' } as const;
  return startApp({ files: { dir, retention: false }, limits: { sessionEntries }, http, ...more });
}

async function logToFile(logs: SessionLoggerService, ...messages: string[]): Promise<void> {
  await logChat(logs, 'chat-1', ...messages);
  await logs.flush();
}

/** Logs to a session for as long as it is read. */
async function startBusy(sessionEntries: number): Promise<TestApp & { logged: () => number }> {
  const { limits } = resolveOptions({ limits: { sessionEntries } });
  const store = new BusyStore(limits);
  const app = await start(tempDir(), sessionEntries, { store });
  let logged = 20;
  await logToFile(app.logs, ...numbers(logged));
  store.meanwhile = async () => {
    if (logged >= 200) return;
    logged += 10;
    await logToFile(app.logs, ...numbers(10, logged - 10));
  };
  return { ...app, logged: () => logged };
}

describe('a history of a session that is logged to meanwhile', () => {
  it.each([3, 10, 19, 20, 21, 50])('has each entry once, in order, page by page of %d', async (limit) => {
    const { url } = await startBusy(1_000);
    const lines = await followHistory(`${url}/logs/chat-1/history?limit=${limit}`);
    expect(messagesOf(lines)).toEqual(numbers(lines.length));
    expect(lines.length).toBeGreaterThanOrEqual(20);
  });

  it.each([3, 5, 10, 50])(
    'and evicted faster than it is read has all of them, page by page of %d',
    async (limit) => {
      const { url } = await startBusy(5);
      const lines = await followHistory(`${url}/logs/chat-1/history?limit=${limit}`);
      expect(messagesOf(lines)).toEqual(numbers(lines.length));
      expect(lines.length).toBeGreaterThanOrEqual(20);
    },
  );

  it('does not give again what the store got after the file', async () => {
    const dir = tempDir();
    writeFileSync(join(dir, '2026-11-20.log'), fileLine('p-1', 'late') + fileLine('p-2', 'later'));
    const { url, app } = await start(dir);
    const { next, lines } = await getHistory(`${url}/logs/chat-1/history?limit=1`);
    const store = app.get<MemoryStore>(SessionStore);
    store.append([new LogEntry('p-1', 'chat-1', 'late'), new LogEntry('p-2', 'chat-1', 'later')]);
    lines.push(...(await followHistory(next!)));
    expect(messagesOf(lines)).toEqual(['late', 'later']);
  });

  it('goes on behind what was given where the store has begun anew with the same records', async () => {
    const { url, logs } = await start(tempDir());
    await logToFile(logs, ...numbers(5));
    const { lines } = await getHistory(`${url}/logs/chat-1/history`);
    const cursor = `before-3~${lines[2]!.uid}`;
    expect(messagesOf(await followHistory(`${url}/logs/chat-1/history?cursor=${cursor}`))).toEqual([
      'm3',
      'm4',
    ]);
  });
});

describe('a history of which files are gone', () => {
  it.each([1, 2, 5])('tells a gap once and gives all that is left, page by page of %d', async (limit) => {
    const dir = tempDir();
    const oldest = join(dir, '2026-11-19.log');
    writeFileSync(oldest, fileLine('old-1', 'old1') + fileLine('old-2', 'old2'));
    writeFileSync(join(dir, '2026-11-20.log'), fileLine('old-3', 'old3') + fileLine('old-4', 'old4'));
    const { url, logs } = await start(dir);
    await logChat(logs, 'chat-1', 'new');
    const first = await getHistory(`${url}/logs/chat-1/history?limit=1`);
    expect(messagesOf(first.lines)).toEqual(['old1']);
    unlinkSync(oldest);
    const next = first.next!.replace('limit=1', `limit=${limit}`);
    const [gap, ...rest] = await followHistory(next);
    expect(gap).toEqual(evicted);
    expect(messagesOf(rest)).toEqual(['old3', 'old4', 'new']);
  });

  it.each([1, 5])(
    'gives nothing again that its process had logged before, page by page of %d',
    async (limit) => {
      const dir = tempDir();
      writeFileSync(
        join(dir, '2026-11-20.log'),
        fileLine('p-1', 'a') + fileLine('p-2', 'b') + fileLine('p-4', 'd'),
      );
      const { url } = await start(dir);
      const [gap, ...rest] = await followHistory(`${url}/logs/chat-1/history?cursor=~p-3&limit=${limit}`);
      expect(gap).toEqual(evicted);
      expect(messagesOf(rest)).toEqual(['d']);
    },
  );
});

describe('a history of which the store has lost entries that no file has', () => {
  const storeOnly = ({ app }: TestApp, count: number): void => {
    const entries = numbers(count).map((message, n) => new LogEntry(`p-${n}`, 'chat-1', message));
    app.get<MemoryStore>(SessionStore).append(entries);
  };

  it.each([1, 3, 100])('tells a gap, page by page of %d', async (limit) => {
    const app = await start(tempDir(), 3);
    storeOnly(app, 10);
    const [gap, ...rest] = await followHistory(`${app.url}/logs/chat-1/history?limit=${limit}`);
    expect(gap).toEqual(evicted);
    expect(messagesOf(rest)).toEqual(['m7', 'm8', 'm9']);
  });

  it('first ends a page that has lines, as the files may have them by then', async () => {
    const dir = tempDir();
    writeFileSync(join(dir, '2026-11-20.log'), fileLine('old-1', 'old1'));
    const app = await start(dir, 3);
    storeOnly(app, 10);
    const { lines, next } = await getHistory(`${app.url}/logs/chat-1/history`);
    expect(messagesOf(lines)).toEqual(['old1']);
    writeFileSync(
      join(dir, '2026-11-21.log'),
      numbers(10)
        .map((message, n) => fileLine(`p-${n}`, message))
        .join(''),
    );
    expect(messagesOf(await followHistory(next!))).toEqual(numbers(10));
  });
});
