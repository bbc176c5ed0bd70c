import { chmodSync, chownSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { cleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';
import { FaultChild, type Surroundings, type Told } from './fault-child.js';
import { linesIn } from './lines.js';

jest.setTimeout(60_000);
afterEach(cleanUp);

const NOBODY = 65_534;
const AS_NOBODY: Surroundings = {
  through: ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'],
};

const isRoot = process.getuid?.() === 0;
if (!isRoot) {
  process.stderr.write('directory.fault.ts is skipped: it starts processes as nobody, so run it as root.\n');
}

/** A directory that everybody can reach and only root can write. */
function rootsDir(): string {
  const dir = join(tempDir(), 'logs');
  mkdirSync(dir);
  chmodSync(join(dir, '..'), 0o755);
  return dir;
}

(isRoot ? describe : describe.skip)('a directory that cannot be written', () => {
  it('is refused at start, with what to do', async () => {
    const options = { files: { dir: rootsDir() } };
    const child = new FaultChild({ task: 'log', options }, AS_NOBODY);
    expect(await child.exited).toEqual({ code: 1, signal: null });
    expect(child.stderr).toMatch(/files\.dir: cannot write log files to .*EACCES.*files: false/);
  });

  it("is warned of at start with onSinkFailure: 'degrade', and there is no file", async () => {
    const options = { files: { dir: rootsDir() }, onSinkFailure: 'degrade' as const };
    const child = new FaultChild({ task: 'log', options }, AS_NOBODY);
    await child.told();
    expect(await child.ask({ count: 5, flush: true })).toMatchObject({
      logged: 5,
      read: 5,
      flushed: 'written',
    });
    expect(child.stdout + child.stderr).toMatch(/There will be no log file.*EACCES/);
  });

  it('while it runs is waited for, and nothing is lost', async () => {
    const dir = rootsDir();
    chownSync(dir, NOBODY, NOBODY);
    const child = new FaultChild({ task: 'log', options: { files: { dir } } }, AS_NOBODY);
    await child.told();
    await child.ask({ count: 5, flush: true });
    const [day] = (await linesIn(dir)).entries[0]!.timestamp.split('T');
    chownSync(dir, 0, 0);
    renameSync(join(dir, `${day}.log`), join(dir, '2999-01-01.log'));
    const refused = await child.ask({ count: 5 });
    expect(refused).toMatchObject({ logged: 10, read: 10 });
    let told: Told = await child.ask({ flush: true });
    while (told.healthy) told = await child.ask({});
    expect((await child.ask({ flush: true })).flushed).toMatch(
      /file: 0 failed, 0 dropped, 5 pending \(EACCES/,
    );
    chownSync(dir, NOBODY, NOBODY);
    while (!told.healthy) told = await child.ask({ flush: true });
    expect(told.stats.sinks['file']).toMatchObject({ written: 10, failed: 0, dropped: 0, pending: 0 });
    expect((await linesIn(dir)).entries).toHaveLength(10);
  });
});
