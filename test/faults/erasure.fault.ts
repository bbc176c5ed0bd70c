import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { jest } from '@jest/globals';
import { cleanUp, onCleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';
import { FaultChild, type Surroundings } from './fault-child.js';
import { linesIn, numbers } from './lines.js';

jest.setTimeout(120_000);
afterEach(cleanUp);

const SECRET = 'forget me';
const SESSIONS = numbers(9).map((n) => `gone-${n}`);
/** Of sessions that stay, in each file. */
const KEPT = 20_000;

const line = (sessionId: string, message: string): string =>
  `${JSON.stringify({ uid: 'p-1', timestamp: '2026-11-20T12:00:00.000Z', sessionId, logType: 'chat', message })}\n`;
const gone = (message = SECRET): string => SESSIONS.map((sessionId) => line(sessionId, message)).join('');
const kept = numbers(KEPT).map((n) => line(`kept-${Number(n) % 50}`, `${n} ${(Number(n) * 7919) % KEPT}`));

/** Two archives, a log that is to be compressed, and one that a crash has left beside its archive. */
function fill(dir: string): void {
  const text = gone() + kept.join('') + gone();
  for (const name of ['2026-11-20.log', '2026-11-20.3.log']) {
    writeFileSync(join(dir, name), text);
    utimesSync(join(dir, name), 1, 1);
  }
  for (const n of [1, 2, 3]) writeFileSync(join(dir, `2026-11-20.${n}.log.gz`), gzipSync(text));
}

const bytesOf = (path: string): string => {
  const bytes = readFileSync(path);
  return String(path.endsWith('.gz') ? gunzipSync(bytes) : bytes);
};
const filesIn = (dir: string): string[] => readdirSync(dir).map((name) => join(dir, name));
const draftsIn = (dir: string): string[] => filesIn(dir).filter((path) => path.endsWith('.tmp'));

async function startErasing(
  dir: string,
  sessions: readonly string[],
  surroundings?: Surroundings,
): Promise<FaultChild> {
  // As nobody it is to erase, and to find all as it was.
  const options = { files: { dir, retention: false, compress: surroundings === undefined } } as const;
  const child = new FaultChild({ task: 'erase', options, sessions }, surroundings);
  await child.told();
  return child;
}

interface Failures {
  readonly failures: readonly { code: string; message: string; files: readonly string[] }[];
}

/** Erases by a process of its own; resolves to what could not be, once it has ended. */
async function erase(
  dir: string,
  sessions: readonly string[],
  surroundings?: Surroundings,
): Promise<Failures['failures']> {
  const child = await startErasing(dir, sessions, surroundings);
  const { failures } = await child.ask<Failures>({});
  expect(await child.exited).toEqual({ code: 0, signal: null });
  return failures;
}

async function expectErased(dir: string): Promise<void> {
  for (const path of filesIn(dir)) expect(bytesOf(path)).not.toContain(SECRET);
  expect(draftsIn(dir)).toEqual([]);
  const { entries, skipped } = await linesIn(dir);
  expect(entries).toHaveLength(4 * KEPT);
  expect(skipped).toBe(0);
}

it('three processes erase sessions from the same files, and compress them: all of these are gone, no other line', async () => {
  const dir = tempDir();
  fill(dir);
  const children = await Promise.all(
    [0, 3, 6].map((from) => startErasing(dir, SESSIONS.slice(from, from + 3))),
  );
  const told = await Promise.all(children.map((child) => child.ask<Failures>({})));
  expect(told).toEqual(children.map(() => ({ failures: [] })));
  for (const child of children) expect(await child.exited).toEqual({ code: 0, signal: null });
  await expectErased(dir);
});

it('kill -9 while an archive is written anew: no line is lost, and the next call finds all', async () => {
  const dir = tempDir();
  fill(dir);
  for (const kilobytes of [0, 1, 20, 100, 160]) {
    const child = await startErasing(dir, SESSIONS);
    child.process.send({});
    const isDue = (): boolean =>
      draftsIn(dir).some(
        (path) => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= kilobytes * 1_024,
      );
    while (child.process.exitCode === null && !isDue()) await turn();
    child.process.kill('SIGKILL');
    await child.exited;
  }
  expect(await erase(dir, SESSIONS)).toEqual([]);
  await expectErased(dir);
});

it('kill -9 while a long line is overwritten: the next call knows whose the rest is', async () => {
  const dir = tempDir();
  const path = join(dir, '2026-11-20.log');
  writeFileSync(path, line('gone-0', SECRET.repeat(3_000_000)) + line('kept', 'kept'));
  const child = await startErasing(dir, ['gone-0']);
  child.process.send({});
  const fd = openSync(path, 'r');
  onCleanUp(() => closeSync(fd));
  const bytes = Buffer.alloc(SECRET.length * 2);
  while (String(bytes).trim() !== '') {
    readSync(fd, bytes, 0, bytes.length, 1_000_000);
    await turn();
  }
  child.process.kill('SIGKILL');
  await child.exited;
  expect(await erase(dir, ['gone-0'])).toEqual([]);
  expect(readFileSync(path, 'utf8').trim()).toBe(line('kept', 'kept').trim());
});

const NOBODY = 65_534;
const AS_NOBODY: Surroundings = {
  through: ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'],
};

const isRoot = process.getuid?.() === 0;
if (!isRoot) {
  process.stderr.write(
    'erasure.fault.ts is skipped in part: it mounts a tmpfs and starts as nobody, as root.\n',
  );
}

(isRoot ? describe : describe.skip)('what cannot be erased is told, and nothing else is harmed', () => {
  it('a full disk: the archive stays as it was, until there is room', async () => {
    const dir = tempDir();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir]);
    onCleanUp(() => execFileSync('umount', [dir]));
    const archive = join(dir, '2026-11-20.log.gz');
    const ballast = join(dir, 'ballast');
    writeFileSync(archive, gzipSync(gone() + kept.join('')));
    writeFileSync(ballast, Buffer.alloc(1_024 * 1_024 - statSync(archive).size - 64 * 1_024));
    const before = readFileSync(archive);
    const [failure] = await erase(dir, ['gone-0']);
    expect(failure).toMatchObject({ code: 'ERASURE_FAILED', files: [archive] });
    expect(failure!.message).toContain('ENOSPC');
    expect(readFileSync(archive).equals(before)).toBe(true);
    expect(draftsIn(dir)).toEqual([]);
    rmSync(ballast);
    expect(await erase(dir, SESSIONS)).toEqual([]);
    expect(bytesOf(archive)).not.toContain(SECRET);
  });

  it('a directory that can be written no more: archives, and what a crash has left of one, are named', async () => {
    const dir = join(tempDir(), 'logs');
    mkdirSync(dir);
    chmodSync(join(dir, '..'), 0o755);
    fill(dir);
    const leftover = join(dir, '2026-11-21.log.gz.0a1b2c3d.tmp');
    writeFileSync(leftover, gzipSync(gone()));
    for (const path of [dir, ...filesIn(dir)]) chownSync(path, NOBODY, NOBODY);
    const child = await startErasing(dir, ['gone-0'], AS_NOBODY);
    chownSync(dir, 0, 0);
    const { failures } = await child.ask<Failures>({});
    expect(failures).toMatchObject([{ code: 'ERASURE_FAILED' }]);
    expect(failures[0]!.files).toContain(join(dir, '2026-11-20.1.log.gz'));
    expect(failures[0]!.files).toContain(join(dir, '2026-11-21.log.gz'));
    expect(bytesOf(join(dir, '2026-11-20.3.log'))).not.toContain('"gone-0"');
    chownSync(dir, NOBODY, NOBODY);
    expect(await erase(dir, SESSIONS, AS_NOBODY)).toEqual([]);
    await expectErased(dir);
  });

  it('a directory that cannot be listed', async () => {
    const dir = join(tempDir(), 'logs');
    mkdirSync(dir);
    chmodSync(join(dir, '..'), 0o755);
    chownSync(dir, NOBODY, NOBODY);
    const child = await startErasing(dir, ['gone-0'], AS_NOBODY);
    chmodSync(dir, 0o300);
    const { failures } = await child.ask<Failures>({});
    expect(failures).toMatchObject([{ code: 'ERASURE_FAILED', files: [dir] }]);
  });
});
