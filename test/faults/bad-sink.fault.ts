import { jest } from '@jest/globals';
import { cleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';
import { FaultChild } from './fault-child.js';
import { linesIn, numbers } from './lines.js';

const COUNT = 20_000;
const HELD = 1_000;

jest.setTimeout(30_000);
afterEach(cleanUp);

const start = async (job: object, dir: string, limits = {}): Promise<FaultChild> => {
  const options = { files: { dir }, limits };
  const child = new FaultChild({ task: 'log', options, ...job });
  await child.told();
  return child;
};

describe.each([
  ['throws', 'throwing'],
  ['rejects', 'rejecting'],
  ['hangs', 'hanging'],
])('a sink that %s', (_, sink) => {
  it(`leaves the file and the readers alone, holds ${HELD} entries at most and counts all`, async () => {
    const dir = tempDir();
    const child = await start({ sink }, dir, { sinkEntries: HELD, flushTimeout: 200 });
    let told = await child.ask({ count: HELD, flush: true });
    while (told.logged < COUNT) told = await child.ask({ count: HELD, flush: true });
    expect(told.read).toBe(COUNT);
    const bad = told.stats.sinks[sink]!;
    expect(bad.written).toBe(0);
    expect(bad.failed + bad.dropped + bad.pending).toBe(COUNT);
    // The batch in its hands, and what waits behind it.
    expect(bad.pending).toBeLessThanOrEqual(HELD + HELD);
    expect(told.healthy).toBe(false);
    await child.ask({ close: true });
    expect(await child.exited).toEqual({ code: 0, signal: null });
    const { entries, skipped } = await linesIn(dir);
    expect([entries.map((entry) => entry.message.trim()), skipped]).toEqual([numbers(COUNT), 0]);
  });
});

it('a format function that throws: each line is there as JSON, and it is counted', async () => {
  const dir = tempDir();
  const child = await start({ throwingFormat: true }, dir);
  const { stats } = await child.ask({ count: COUNT, flush: true });
  expect(stats.troubles).toMatchObject({ format: COUNT });
  await child.ask({ close: true });
  await child.exited;
  const { entries, skipped } = await linesIn(dir);
  expect([entries.map((entry) => entry.message.trim()), skipped]).toEqual([numbers(COUNT), 0]);
  expect(`${child.stdout}${child.stderr}`.split('files.format threw')).toHaveLength(2);
});
