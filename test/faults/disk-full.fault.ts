import { execFileSync } from 'node:child_process';
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { appendLinesSync } from '../../src/sinks/file/append-lines.js';
import { cleanUp, onCleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';
import { FaultChild, type Told } from './fault-child.js';
import { linesIn } from './lines.js';

jest.setTimeout(60_000);
afterEach(cleanUp);

/** A file system of its own, of so many KiB. */
function smallDisk(size = 512): string {
  const dir = tempDir();
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}k`, 'tmpfs', dir]);
  onCleanUp(() => execFileSync('umount', [dir]));
  return dir;
}

const isRoot = process.getuid?.() === 0;
if (!isRoot) process.stderr.write('disk-full.fault.ts is skipped: it mounts a tmpfs, so run it as root.\n');

(isRoot ? describe : describe.skip)('a full disk', () => {
  const BOUND = 200;

  async function start(dir: string): Promise<FaultChild> {
    const child = new FaultChild({
      task: 'log',
      options: { files: { dir }, limits: { sinkEntries: BOUND } },
    });
    await child.told();
    return child;
  }

  async function fill(child: FaultChild): Promise<Told> {
    for (;;) {
      const told = await child.ask({ count: 20, size: 1_000 });
      const { pending, dropped } = told.stats.sinks['file']!;
      expect(pending).toBeLessThanOrEqual(2 * BOUND);
      // On a busy machine some may be dropped before the disk is full.
      if (dropped > 0 && !told.healthy) return told;
    }
  }

  async function recovered(child: FaultChild): Promise<Told> {
    for (;;) {
      const told = await child.ask({ flush: true });
      if (told.healthy && told.stats.sinks['file']!.pending === 0) return told;
    }
  }

  it('stops nobody; what could not wait is told by one line, and writing goes on where it stopped', async () => {
    // Without the ballast there is room for all that may wait, however the batches fall.
    const dir = smallDisk(1024);
    const ballast = join(dir, 'ballast');
    writeFileSync(ballast, Buffer.alloc(768 * 1024));
    const child = await start(dir);
    const full = await fill(child);
    expect(full).toMatchObject({ healthy: false, read: full.logged });
    expect(statfsSync(dir).bavail).toBe(0);
    const { flushed } = await child.ask({ flush: true });
    expect(flushed).toMatch(/file: 0 failed, \d+ dropped, \d+ pending \(ENOSPC/);
    rmSync(ballast);
    const { logged, stats } = await recovered(child);
    const { written, dropped, failed } = stats.sinks['file']!;
    expect(written + dropped).toBe(logged);
    expect(failed).toBe(0);
    const { entries, skipped } = await linesIn(dir);
    expect(entries).toHaveLength(written);
    expect(skipped).toBe(0);
    const order = entries.map((entry) => Number.parseInt(entry.message, 10));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    const [day] = entries[0]!.timestamp.split('T');
    const notices = readFileSync(join(dir, `${day}.log`), 'utf8').match(/"data":\{"dropped":\d+\}/g);
    expect(notices).toEqual([`"data":{"dropped":${dropped}}`]);
    expect(child.stdout + child.stderr).toMatch(/The log file cannot be written; its lines wait.*ENOSPC/);
  });

  it('leaves no half of a line behind a synchronous write, either', () => {
    const path = join(smallDisk(), '2026-11-22.log');
    const [small, large] = ['a', 'b'.repeat(600 * 1024)] as const;
    const refused = expect.objectContaining({
      written: 1,
      cause: expect.objectContaining({ code: 'ENOSPC' }),
    });
    expect(() => appendLinesSync(path, [small, large], false)).toThrow(refused);
    expect(readFileSync(path, 'utf8')).toBe('a\n');
  });

  it('is freed by removing the log file itself', async () => {
    const dir = smallDisk();
    const child = await start(dir);
    await fill(child);
    execFileSync('sh', ['-c', `rm ${dir}/*.log`]);
    const { stats } = await recovered(child);
    expect(stats.sinks['file']!.failed).toBe(0);
    const { entries, skipped } = await linesIn(dir);
    expect(entries.length).toBeGreaterThan(BOUND / 2);
    expect(skipped).toBe(0);
  });

  it('does not hold up the end of the application; what is lost is told', async () => {
    const dir = smallDisk();
    const child = await start(dir);
    const { logged, stats } = await fill(child);
    const { dropped } = stats.sinks['file']!;
    await child.ask({ close: true });
    await child.exited;
    const { entries } = await linesIn(dir);
    const { stdout, stderr } = child;
    const lost = [...(stdout + stderr).matchAll(/Sink file lost (\d+) entries/g)];
    expect(entries.length + dropped).toBeLessThan(logged);
    expect(lost.length).toBeGreaterThan(0);
  });
});
