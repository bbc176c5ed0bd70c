import { jest } from '@jest/globals';
import { cleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';
import { FaultChild } from './fault-child.js';
import { linesIn, numbers } from './lines.js';

jest.setTimeout(60_000);
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

  it('what redaction holds back is written, too', async () => {
    const dir = tempDir();
    const options = { files: { dir }, redact: { patterns: ['email' as const] } };
    const child = new FaultChild({ task: 'end', options, count: COUNT, how, after: 5 });
    await child.exited;
    const { entries } = await linesIn(dir);
    expect(entries.map((entry) => entry.message)).toEqual(numbers(COUNT));
  });

  it('tells how many entries a sink has lost that cannot write at once', async () => {
    const options = { files: { dir: tempDir() } };
    const child = new FaultChild({ task: 'end', options, count: COUNT, how, after: 0, sink: 'asynchronous' });
    await child.exited;
    expect(child.stderr).toContain(`asynchronous: ${COUNT} entries lost, 0 not known to be written.`);
    expect(child.stderr).not.toMatch(/file: \d+ entries/);
  });
});

describe.each([
  ['process.exit()', 'exit', 3],
  ['an uncaught exception', 'throw', 1],
])('the last words of Nest’s logger before %s', (_, how, code) => {
  it.each([
    ['a running application', { isStarted: true, terminal: false, size: 0 }],
    ['a running application whose terminal sink prints', { isStarted: true, terminal: true, size: 0 }],
    ['a running application, after a long line', { isStarted: true, terminal: false, size: 70_000 }],
    ['the same by the terminal sink', { isStarted: true, terminal: true, size: 70_000 }],
    ['an application that never starts', { isStarted: false, terminal: false, size: 0 }],
    ['the same by the terminal sink', { isStarted: false, terminal: true, size: 0 }],
  ])('are printed and in the file: %s', async (_name, { terminal, ...job }) => {
    const dir = tempDir();
    const child = new FaultChild({ task: 'lastWords', options: { files: { dir }, terminal }, how, ...job });
    expect(await child.exited).toEqual({ code, signal: null });
    expect(child.stdout.split('WHY IT ENDS')).toHaveLength(2);
    const { entries } = await linesIn(dir);
    expect(entries.map(({ message }) => message)).toContain('WHY IT ENDS');
    expect(child.stderr).not.toContain('entries lost');
  });
});
