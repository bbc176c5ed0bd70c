import { cleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';
import { FaultChild } from './fault-child.js';
import { linesIn, numbers } from './lines.js';

afterEach(cleanUp);

const COUNT = 5_000;

describe.each([
  ['process.exit()', 'exit', 3],
  ['an uncaught exception', 'throw', 1],
])('%s', (_, how, code) => {
  it.each([0, 1, 2, 5])(
    '%i turns after the call: each line is on disk or its fate is told',
    async (after) => {
      const dir = tempDir();
      const child = new FaultChild({ task: 'end', options: { files: { dir } }, count: COUNT, how, after });
      expect(await child.exited).toEqual({ code, signal: null });
      const { entries, skipped } = await linesIn(dir);
      const [, lost = '0', unknown = '0'] =
        /file: (\d+) entries lost, (\d+) not known/.exec(child.stderr) ?? [];
      expect(Number(lost)).toBe(0);
      expect(entries.length + skipped).toBeGreaterThanOrEqual(COUNT - Number(unknown));
      expect(new Set(entries.map((entry) => entry.message)).size).toBe(entries.length);
      expect(child.stderr.includes('nobody catches this')).toBe(how === 'throw');
      if (after === 0) expect(entries.map((entry) => entry.message)).toEqual(numbers(COUNT));
    },
  );

  it('tells how many entries a sink has lost that cannot write at once', async () => {
    const options = { files: { dir: tempDir() } };
    const child = new FaultChild({ task: 'end', options, count: COUNT, how, after: 0, sink: 'asynchronous' });
    await child.exited;
    expect(child.stderr).toContain(`asynchronous: ${COUNT} entries lost, 0 not known to be written.`);
    expect(child.stderr).not.toMatch(/file: \d+ entries/);
  });
});
