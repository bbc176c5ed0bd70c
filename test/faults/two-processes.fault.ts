import { readdirSync } from 'node:fs';
import { jest } from '@jest/globals';
import { cleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';
import { FaultChild } from './fault-child.js';
import { linesIn, numbers } from './lines.js';

jest.setTimeout(60_000);
afterEach(cleanUp);

const COUNT = 3_000;

it.each([
  ['one file', {}],
  ['files of a greatest size, compressed', { maxSize: '20k', compress: true }],
])('two processes with one log directory, %s: no line is torn, mixed, lost or doubled', async (_, more) => {
  const dir = tempDir();
  const children = ['a', 'b'].map((sessionId) => {
    const child = new FaultChild({ task: 'given', options: { files: { dir, ...more } } });
    child.process.send(numbers(COUNT).map((message) => ({ message, sessionId })));
    return child;
  });
  for (const child of children) {
    await child.told();
    expect(await child.exited).toEqual({ code: 0, signal: null });
  }
  const { entries, skipped } = await linesIn(dir);
  expect(skipped).toBe(0);
  for (const sessionId of ['a', 'b']) {
    const messages = entries.filter((entry) => entry.sessionId === sessionId).map((entry) => entry.message);
    expect(messages.toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers(COUNT));
  }
  expect(readdirSync(dir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
