import { jest } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { cleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';
import { FaultChild } from './fault-child.js';
import { linesIn, numbers } from './lines.js';

const ROUNDS = 100;
const AT_ONCE = 4;
/** So many processes go on in one directory after each other, each behind the line that the one before has torn. */
const IN_A_ROW = 5;

jest.setTimeout(180_000);
afterEach(cleanUp);

/** How much is in a directory. */
interface Found {
  readonly entries: number;
  readonly skipped: number;
}

const NOTHING: Found = { entries: 0, skipped: 0 };

/** Kills a process while it logs; returns how many entries its last flush had promised. */
async function round(dir: string, name: number): Promise<number> {
  const child = new FaultChild({ task: 'flushForEver', options: { files: { dir } }, round: name });
  let flushed = 0;
  for (let told = 0; told < 1 + (name % 7); told++) {
    ({ flushed } = await child.told<{ flushed: number }>());
  }
  // Somewhere between two flushes, another place in each round.
  await delay((name % 10) / 5);
  child.process.kill('SIGKILL');
  expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
  return flushed;
}

it(`kill -9, ${ROUNDS} times: what flush() has promised is there, and at most one line is torn`, async () => {
  const root = tempDir();
  const verify = async (dir: string, name: number, before: Found): Promise<Found> => {
    const flushed = await round(dir, name);
    const { entries, skipped } = await linesIn(dir);
    const messages = entries.slice(before.entries).map((entry) => entry.message);
    expect(messages.length).toBeGreaterThanOrEqual(flushed);
    expect(messages).toEqual(numbers(messages.length).map((n) => `${name}:${n}`));
    expect(skipped - before.skipped).toBeLessThanOrEqual(1);
    return { entries: entries.length, skipped };
  };
  const lanes = Array.from({ length: AT_ONCE }, async (_, lane) => {
    let found = NOTHING;
    for (let name = lane, nth = 0; name < ROUNDS; name += AT_ONCE, nth++) {
      const isNew = nth % IN_A_ROW === 0;
      found = await verify(`${root}/${lane}-${Math.floor(nth / IN_A_ROW)}`, name, isNew ? NOTHING : found);
    }
  });
  await Promise.all(lanes);
});
