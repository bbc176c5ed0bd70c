import { jest } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { cleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';
import { FaultChild } from './fault-child.js';
import { linesIn, numbers } from './lines.js';

const ROUNDS = 100;
const AT_ONCE = 4;

jest.setTimeout(180_000);
afterEach(cleanUp);

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
  const verify = async (name: number): Promise<void> => {
    const dir = `${root}/${name % AT_ONCE}`;
    const before = await linesIn(dir);
    const flushed = await round(dir, name);
    const after = await linesIn(dir);
    const messages = after.entries.slice(before.entries.length).map((entry) => entry.message);
    expect(messages.length).toBeGreaterThanOrEqual(flushed);
    expect(messages).toEqual(numbers(messages.length).map((n) => `${name}:${n}`));
    expect(after.skipped - before.skipped).toBeLessThanOrEqual(1);
  };
  const lanes = Array.from({ length: AT_ONCE }, async (_, lane) => {
    for (let name = lane; name < ROUNDS; name += AT_ONCE) await verify(name);
  });
  await Promise.all(lanes);
});
