import {
  chmodSync,
  chownSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readLogFiles, type LogFileEntry, type SessionLoggerService } from 'nestjs-session-logger';
import { FileArchive } from '../src/sinks/file/file-archive.js';
import { cleanUp } from './support/clean-up.js';
import { EventStream, isEvent, messagesOf } from './support/event-stream.js';
import { tempDir } from './support/temp-dir.js';
import { logChat, startApp } from './support/test-app.js';

afterEach(cleanUp);

const DAY = '2026-11-20';
/** Those who were told that something of them will be deleted. */
const SECRET = 'forget me \u2028 漢🙂';

const line = (sessionId: string, message: string, uid = `p-${message}`): string =>
  `${JSON.stringify({ uid, timestamp: `${DAY}T12:00:00.000Z`, sessionId, logType: 'chat', message })}\n`;

/** All that a directory holds, archives unpacked. */
function bytesIn(dir: string): string {
  const files = readdirSync(dir).map((name) => [name, readFileSync(join(dir, name))] as const);
  return files.map(([name, bytes]) => String(name.endsWith('.gz') ? gunzipSync(bytes) : bytes)).join('');
}

async function entriesIn(dir: string, sessionId?: string): Promise<LogFileEntry[]> {
  const entries: LogFileEntry[] = [];
  for await (const entry of readLogFiles({ dir, sessionId })) entries.push(entry);
  return entries;
}

async function logMany(logs: SessionLoggerService, sessionId: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await logs.logChunkToQueue(`${sessionId} ${n}`, sessionId);
}

describe('deleteSession', () => {
  it('leaves nothing of a session in memory, and tells its readers', async () => {
    const { logs, url } = await startApp();
    await logChat(logs, 'chat-1', 'a', 'b');
    await logChat(logs, 'chat-2', 'c');
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    await stream.entries(2);
    const following = logs.getSessionLogs('chat-1');
    for (let n = 0; n < 2; n++) await following.next();
    await logs.deleteSession('chat-1');
    const frames = await stream.rest();
    expect(frames.filter(isEvent('end'))).toEqual([expect.objectContaining({ data: { reason: 'deleted' } })]);
    expect(await following.next()).toEqual({ done: true, value: undefined });
    expect((await logs.getSessionHistory('chat-1')).records).toEqual([]);
    expect(logs.getAllLogsInQueue().map(({ message }) => message)).toEqual(['c']);
  });

  it('takes what is still in the queue with it, and nothing that comes later', async () => {
    const { logs } = await startApp({ autoStart: false });
    await logs.logChunkToQueue('before', 'chat-1');
    await logs.deleteSession('chat-1');
    await logChat(logs, 'chat-1', 'after');
    expect(logs.getAllLogsInQueue().map(({ message }) => message)).toEqual(['after']);
  });

  it('tells a client that comes back to where it was', async () => {
    const { logs, url } = await startApp();
    await logChat(logs, 'chat-1', 'a');
    const [entry] = await (await EventStream.open(`${url}/logs/chat-1`)).entries(1);
    await logs.deleteSession('chat-1');
    await logChat(logs, 'chat-1', 'b');
    const stream = await EventStream.open(`${url}/logs/chat-1`, { 'last-event-id': entry!.id! });
    const frames = await stream.until(isEvent('gap'));
    expect(frames.at(-1)).toMatchObject({ data: { reason: 'epoch' } });
    expect(messagesOf(await stream.until((frame) => messagesOf([frame]).length > 0))).toEqual(['b']);
  });

  it('removes its lines from all daily files, and no other', async () => {
    const dir = tempDir();
    const kept = line('chat-2', `says "sessionId":"chat-1" and ${SECRET.length}`);
    writeFileSync(
      join(dir, `${DAY}.log`),
      line('chat-1', SECRET) + kept + line('chat-1', SECRET.repeat(50_000)),
    );
    writeFileSync(
      join(dir, `${DAY}.1.log.gz`),
      gzipSync(kept + line('chat-1', SECRET) + line('chat-11', 'x')),
    );
    writeFileSync(join(dir, `2026-11-19.log.gz`), gzipSync(line('chat-2', 'untouched')));
    writeFileSync(join(dir, `2026-11-19.log.gz.0a1b2c3d.tmp`), gzipSync(line('chat-1', SECRET)));
    const untouched = readFileSync(join(dir, '2026-11-19.log.gz'));
    const { logs } = await startApp({ files: { dir, retention: false } });
    await logMany(logs, 'chat-1', 100);
    await logMany(logs, 'chat-2', 100);
    await logs.flush();
    const before = await entriesIn(dir, 'chat-2');
    const sizes = statSync(join(dir, `${DAY}.log`)).size;
    await logs.deleteSession('chat-1', { files: true });
    await logMany(logs, 'chat-2', 100);
    await logs.flush();

    expect(bytesIn(dir)).not.toContain(SECRET);
    expect(await entriesIn(dir, 'chat-1')).toEqual([]);
    expect((await entriesIn(dir, 'chat-2')).slice(0, before.length)).toEqual(before);
    expect(await entriesIn(dir, 'chat-2')).toHaveLength(before.length + 100);
    expect(await entriesIn(dir, 'chat-11')).toHaveLength(1);
    // In place: whoever appends to it goes on.
    expect(statSync(join(dir, `${DAY}.log`)).size).toBe(sizes);
    expect(readFileSync(join(dir, '2026-11-19.log.gz')).equals(untouched)).toBe(true);
    expect(readdirSync(dir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    const reader = readLogFiles({ dir });
    for await (const _ of reader);
    expect(reader.skipped).toBe(0);
  });

  it('removes a last line that has no newline', async () => {
    const dir = tempDir();
    const text = line('chat-2', 'kept') + line('chat-1', SECRET).trimEnd();
    writeFileSync(join(dir, `${DAY}.log`), text);
    writeFileSync(join(dir, `${DAY}.1.log.gz`), gzipSync(text));
    const { logs } = await startApp({ files: { dir, retention: false } });
    await logs.deleteSession('chat-1', { files: true });
    expect(bytesIn(dir)).not.toContain(SECRET);
    expect((await entriesIn(dir)).map(({ message }) => message)).toEqual(['kept', 'kept']);
  });

  it('removes what crashes have left of its lines, and not what is just being written', async () => {
    const dir = tempDir();
    const path = join(dir, `${DAY}.log`);
    const torn = line('chat-1', SECRET).slice(0, -5);
    const other = line('chat-2', `"chat-1" ${SECRET.length}`).slice(0, -5);
    const halfBlank = torn.slice(0, 130) + ' '.repeat(100_000);
    writeFileSync(path, `${torn}\n${other}\n${halfBlank}\n${torn}`);
    const { logs } = await startApp({ files: { dir, retention: false } });
    await logs.deleteSession('chat-1', { files: true });
    const lines = readFileSync(path, 'utf8').split('\n');
    expect(lines.filter((one) => one.trim() !== '')).toEqual([other, torn]);
  });

  it.each([
    ['as they are', ''],
    ['and the log has grown since', line('chat-2', 'more')],
  ])('doubles no line where a crash left a log beside its archive, %s', async (_, more) => {
    const dir = tempDir();
    const path = join(dir, `${DAY}.log`);
    const text = line('chat-1', SECRET.repeat(10_000)) + line('chat-2', 'a') + line('chat-1', SECRET);
    writeFileSync(path, text + more);
    writeFileSync(`${path}.gz`, gzipSync(text));
    const { logs } = await startApp({ files: { dir, retention: false } });
    const before = await entriesIn(dir, 'chat-2');
    await logs.deleteSession('chat-1', { files: true });
    expect(bytesIn(dir)).not.toContain(SECRET);
    expect(await entriesIn(dir)).toEqual(before);
  });

  it('lets a log still go that a crash left beside its archive', async () => {
    const dir = tempDir();
    const path = join(dir, `${DAY}.log`);
    const text = Array.from({ length: 20_000 }, (_, n) => line(`chat-${n % 3}`, `${n} ${SECRET}`)).join('');
    for (const name of [path, `${path}.copy`]) writeFileSync(name, text);
    const archive = new FileArchive();
    archive.add(path);
    await archive.allFinished();
    renameSync(`${path}.copy`, path);
    const { logs } = await startApp({ files: { dir, retention: false } });
    await logs.deleteSession('chat-1', { files: true });
    archive.add(path);
    await archive.allFinished();
    expect(readdirSync(dir)).toEqual([`${DAY}.log.gz`]);
    expect(await entriesIn(dir)).toHaveLength(13_333);
  });

  it('leaves an archive to those who may read it', async () => {
    const dir = tempDir();
    const path = join(dir, `${DAY}.log.gz`);
    writeFileSync(path, gzipSync(line('chat-1', SECRET)));
    // Only root may give files away.
    if (process.getuid?.() === 0) chownSync(path, 65_534, 65_533);
    chmodSync(path, 0o640);
    const { uid, gid, mode } = statSync(path);
    const { logs } = await startApp({ files: { dir, retention: false } });
    await logs.deleteSession('chat-1', { files: true });
    expect(bytesIn(dir)).not.toContain(SECRET);
    expect(statSync(path)).toMatchObject({ uid, gid, mode });
  });

  it('loses no line of a session that is written at full speed, nor any of its events', async () => {
    const dir = tempDir();
    const { logs, url } = await startApp({ files: { dir, maxSize: '200k', compress: true } });
    const stream = await EventStream.open(`${url}/logs/busy`);
    const count = 20_000;
    const busy = logMany(logs, 'busy', count);
    for (let n = 0; n < 10; n++) {
      await logMany(logs, 'gone', 200);
      await logs.deleteSession('gone', { files: true });
    }
    await busy;
    await logs.flush();
    const expected = Array.from({ length: count }, (_, n) => `busy ${n}`);
    expect((await entriesIn(dir, 'busy')).map(({ message }) => message)).toEqual(expected);
    expect((await stream.entries(count)).map(({ message }) => message)).toEqual(expected);
    expect(bytesIn(dir)).not.toContain('"gone"');
  }, 60_000);

  it('throws an archive away that was made of lines that are gone', async () => {
    const dir = tempDir();
    const path = join(dir, `${DAY}.log`);
    writeFileSync(path, line('chat-1', SECRET) + line('chat-2', 'kept'));
    const old = Date.now() / 1_000 - 3_600;
    utimesSync(path, old, old);
    const { logs } = await startApp({ files: { dir, compress: true, retention: false } });
    await logs.deleteSession('chat-1', { files: true });
    expect(bytesIn(dir)).not.toContain(SECRET);
    expect((await entriesIn(dir)).map(({ message }) => message)).toEqual(['kept']);
  });

  describe('by two processes from one archive', () => {
    /** Large enough for one to begin while the other is at it. */
    const others = Array.from({ length: 20_000 }, (_, n) => line(`other-${n % 50}`, `${n} ${SECRET.length}`));
    const text = [line('chat-1', SECRET), ...others, line('chat-2', SECRET)].join('');

    async function startTwo(dir: string): Promise<SessionLoggerService[]> {
      writeFileSync(join(dir, `${DAY}.log.gz`), gzipSync(text));
      const options = { files: { dir, retention: false } } as const;
      return [(await startApp(options)).logs, (await startApp(options)).logs];
    }

    it('brings no session back that the other has removed', async () => {
      const dir = tempDir();
      const both = await startTwo(dir);
      await Promise.all(both.map((logs, n) => logs.deleteSession(`chat-${n + 1}`, { files: true })));
      expect(bytesIn(dir)).not.toContain(SECRET);
      expect(await entriesIn(dir)).toHaveLength(others.length);
      expect(readdirSync(dir)).toEqual([`${DAY}.log.gz`]);
    }, 60_000);

    it('succeeds only where the lines are gone, though the other begins meanwhile', async () => {
      const dir = tempDir();
      const [first, second] = await startTwo(dir);
      const erasing = first!.deleteSession('chat-1', { files: true });
      while (readdirSync(dir).length === 1) await new Promise(setImmediate);
      await second!.deleteSession('none', { files: true });
      await erasing;
      expect(await entriesIn(dir, 'chat-1')).toEqual([]);
      expect(await entriesIn(dir)).toHaveLength(others.length + 1);
    }, 60_000);
  });

  it('refuses files that do not tell whose lines are whose, before it deletes anything', async () => {
    const dir = tempDir();
    const { logs } = await startApp({ files: { dir, format: 'text' } });
    await logChat(logs, 'chat-1', 'a');
    const refused = logs.deleteSession('chat-1', { files: true });
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect((await logs.getSessionHistory('chat-1')).records).toHaveLength(1);
    await logs.deleteSession('chat-1');
    expect((await logs.getSessionHistory('chat-1')).records).toEqual([]);
  });

  it('names the files that it could not erase, once it has tried all', async () => {
    const dir = tempDir();
    writeFileSync(join(dir, '2026-11-18.log.gz'), 'no archive');
    writeFileSync(join(dir, `${DAY}.log`), line('chat-1', SECRET));
    const { logs } = await startApp({ files: { dir, retention: false } });
    const deleting = logs.deleteSession('chat-1', { files: true });
    const files = [join(dir, '2026-11-18.log.gz')];
    await expect(deleting).rejects.toMatchObject({ code: 'ERASURE_FAILED', details: { files } });
    expect(readFileSync(join(dir, `${DAY}.log`), 'utf8')).not.toContain(SECRET);
  });

  it('fails where the directory cannot be listed, and is content where there is none', async () => {
    const dir = tempDir();
    const { logs } = await startApp({ files: { dir } });
    rmSync(dir, { recursive: true });
    await logs.deleteSession('chat-1', { files: true });
    writeFileSync(dir, '');
    const refused = logs.deleteSession('chat-1', { files: true });
    await expect(refused).rejects.toMatchObject({ code: 'ERASURE_FAILED', details: { files: [dir] } });
  });

  it('names a symbolic link, which it does not follow', async () => {
    const dir = tempDir();
    const elsewhere = join(tempDir(), 'elsewhere');
    writeFileSync(elsewhere, line('chat-1', SECRET));
    const { logs } = await startApp({ files: { dir, retention: false } });
    const files = [`${DAY}.1.log`, `${DAY}.log.gz`].map((name) => join(dir, name));
    for (const path of files) symlinkSync(elsewhere, path);
    const refused = logs.deleteSession('chat-1', { files: true });
    await expect(refused).rejects.toMatchObject({ code: 'ERASURE_FAILED' });
    await refused.catch(({ details }) => expect(details.files.toSorted()).toEqual(files));
    expect(readFileSync(elsewhere, 'utf8')).toContain(SECRET);
  });

  it('asks the application’s own sinks', async () => {
    const erased: string[] = [];
    const sink = { name: 'own', write: () => {}, erase: (id: string) => void erased.push(id) };
    const { logs } = await startApp({ sinks: [sink, { name: 'other', write: () => {} }] });
    await logs.deleteSession('chat-1');
    expect(erased).toEqual([]);
    await logs.deleteSession('chat-1', { files: true });
    expect(erased).toEqual(['chat-1']);
  });

  it('of a session that there is not is no error; of what can be none it is', async () => {
    const { logs } = await startApp();
    await logs.deleteSession('none', { files: true });
    await expect(logs.deleteSession('../x')).rejects.toMatchObject({ code: 'INVALID_SESSION_ID' });
  });
});
