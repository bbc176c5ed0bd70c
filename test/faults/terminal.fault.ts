import { jest } from '@jest/globals';
import { cleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';
import { FaultChild, type Told } from './fault-child.js';
import { linesIn } from './lines.js';

jest.setTimeout(60_000);
afterEach(cleanUp);

const options = (dir: string) => ({ files: { dir }, terminal: true, limits: { sinkEntries: 100 } });

/** Has the child do something, and resolves once its file has all of it. */
async function ask(child: FaultChild, question: object): Promise<Told> {
  let told = await child.ask(question);
  while (told.stats.sinks['file']!.pending > 0) told = await child.ask({});
  return told;
}

it('a stdout that was closed ends nothing; what was to be printed is counted, files are complete', async () => {
  const dir = tempDir();
  const child = new FaultChild({ task: 'log', options: options(dir) });
  await child.told();
  child.process.stdout!.destroy();
  let told = await ask(child, { count: 20 });
  for (let more = 0; more < 20; more++) told = await ask(child, { count: 20 });
  const { file, terminal } = told.stats.sinks;
  expect(file).toMatchObject({ written: told.logged, failed: 0, dropped: 0 });
  expect(terminal!.failed).toBeGreaterThan(0);
  expect(terminal!.written + terminal!.failed + terminal!.dropped + terminal!.pending).toBe(told.logged);
  expect(told.healthy).toBe(false);
  expect((await linesIn(dir)).entries).toHaveLength(told.logged);
});

it('a terminal that nobody reads holds nobody up; what it cannot take is dropped and counted', async () => {
  const dir = tempDir();
  const child = new FaultChild({ task: 'log', options: options(dir) }, { isUnread: true });
  await child.told();
  let told = await ask(child, {});
  while (told.stats.sinks['terminal']!.dropped === 0) told = await ask(child, { count: 20, size: 4_000 });
  const { file, terminal } = told.stats.sinks;
  expect(file).toMatchObject({ written: told.logged, failed: 0, dropped: 0 });
  expect(terminal!.written + terminal!.dropped + terminal!.pending).toBe(told.logged);
  expect(terminal!.pending).toBeLessThanOrEqual(120);
  expect(told.read).toBe(told.logged);
});
