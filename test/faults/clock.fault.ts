import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { LogEntry } from 'nestjs-session-logger';
import { cleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';
import { FaultChild } from './fault-child.js';

jest.setTimeout(60_000);
afterEach(cleanUp);

/** The times at which lines were written, by the file in which they are. */
function timesByFile(dir: string): Record<string, string[]> {
  return Object.fromEntries(
    readdirSync(dir)
      .filter((name) => name.endsWith('.log'))
      .map((name) => {
        const lines = readFileSync(join(dir, name), 'utf8').trimEnd().split('\n');
        return [name, lines.map((line) => (JSON.parse(line) as LogEntry).message)];
      }),
  );
}

/** The day of a time as people in a time zone call it. */
function dayIn(timeZone: string, time: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date(time));
}

const every = (minutes: number, from: string, to: string): string[] => {
  const times = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += minutes * 60_000) {
    times.push(new Date(at).toISOString());
  }
  return times;
};

describe.each([
  ['over midnight', every(7, '2026-11-22T22:30:00Z', '2026-11-23T01:30:00Z')],
  ['over the hour that summer time skips', every(11, '2026-03-28T22:00:00Z', '2026-03-29T23:59:00Z')],
  ['over the hour that winter time repeats', every(11, '2026-10-24T21:00:00Z', '2026-10-25T23:59:00Z')],
  [
    'set back a day and forward again',
    [
      ...every(1, '2026-11-22T11:50:00Z', '2026-11-22T11:53:00Z'),
      ...every(1, '2026-11-21T11:54:00Z', '2026-11-21T11:57:00Z'),
      ...every(1, '2026-11-23T11:58:00Z', '2026-11-23T12:00:00Z'),
      ...every(1, '2026-11-22T12:01:00Z', '2026-11-22T12:02:00Z'),
    ],
  ],
])('the clock, %s', (_, times) => {
  it.each([
    ['UTC', true, 'Europe/Berlin'],
    ['Europe/Berlin', false, 'Europe/Berlin'],
    ['America/St_Johns', false, 'America/St_Johns'],
    ['Pacific/Kiritimati', false, 'Pacific/Kiritimati'],
  ])('in %s: each line is once in the file of the day on which it was written', async (zone, utc, tz) => {
    const dir = tempDir();
    const options = { files: { dir, utc, retention: 30 } };
    const child = new FaultChild({ task: 'clock', options, times }, { env: { TZ: tz } });
    expect(await child.exited).toEqual({ code: 0, signal: null });
    const expected: Record<string, string[]> = {};
    for (const time of times) (expected[`${dayIn(zone, time)}.log`] ??= []).push(time);
    expect(timesByFile(dir)).toEqual(expected);
  });
});

it('retention removes only what is named like a log file and too old, over restarts and other options', async () => {
  const dir = tempDir();
  const ours = ['2026-11-10.log', '2026-11-10.1.log', '2026-11-11.log.gz', '2026-11-19.log'];
  const others = ['2026-11-10.log.bak', 'x2026-11-10.log', '2026-13-40.log', 'notes.txt', '2026-11-10.txt'];
  for (const name of [...ours, ...others]) writeFileSync(join(dir, name), '');
  const run = async (options: object, time: string): Promise<string[]> => {
    const job = { task: 'clock', options: { files: { dir, utc: true, ...options } }, times: [time] };
    expect(await new FaultChild(job).exited).toEqual({ code: 0, signal: null });
    return readdirSync(dir)
      .filter((name) => !others.includes(name))
      .toSorted();
  };
  expect(await run({ retention: 7 }, '2026-11-22T12:00:00Z')).toEqual(['2026-11-19.log', '2026-11-22.log']);
  expect(await run({ retention: 3 }, '2026-11-23T12:00:00Z')).toEqual(['2026-11-22.log', '2026-11-23.log']);
  expect(await run({ retention: 0, format: 'text' }, '2026-11-24T12:00:00Z')).toEqual(['2026-11-24.log']);
  expect(readdirSync(dir)).toEqual(expect.arrayContaining(others));
});
