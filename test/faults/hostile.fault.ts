import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { LogEntry } from 'nestjs-session-logger';
import { cleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';
import { FaultChild } from './fault-child.js';

jest.setTimeout(60_000);
afterEach(cleanUp);

const MESSAGES = [
  'a\r\nb\nc\rd',
  '\u2028 and \u2029 and \u0085',
  'NUL \0 in the middle',
  '\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u009b2J',
  'lone \ud800 and \udc00 surrogates',
  '{"uid":"x","sessionId":"y"}\n{"message":"not a line"}',
  '<img src=x onerror=alert(1)> \u202e gnp.exe',
  '漢字 🙂 é'.repeat(10),
  'x'.repeat(10_000_000),
  '',
];
const REFUSED = ['../x', '..', 'a/b', 'a\0b', 'a\r\nb', 'a\u202eb', 'x'.repeat(10_000), '', 'a b', '%2e%2e'];

let hasJq = true;
try {
  execFileSync('jq', ['--version']);
} catch {
  hasJq = false;
  process.stderr.write('A part of hostile.fault.ts is skipped: install jq (apt-get install jq).\n');
}

it('hostile messages and ids: one line of JSON a record, equal to what was accepted, nothing elsewhere', async () => {
  const root = tempDir();
  const dir = join(root, 'logs');
  const entries = [
    ...MESSAGES.map((message) => ({ message, sessionId: 's' })),
    ...REFUSED.map((sessionId) => ({ message: 'refused', sessionId })),
  ];
  const options = { files: { dir }, limits: { messageBytes: 2 ** 24, sessionBytes: 2 ** 27 } };
  const child = new FaultChild({ task: 'given', options });
  const { accepted, refused } = await child.ask<{ accepted: LogEntry[]; refused: string[] }>(entries);
  await child.exited;
  expect(refused).toEqual(REFUSED.map(() => 'INVALID_SESSION_ID'));
  expect(accepted.map((entry) => entry.message)).toEqual(MESSAGES.map((message) => message.toWellFormed()));
  expect(readdirSync(root)).toEqual(['logs']);
  const [name, ...others] = readdirSync(dir);
  expect(others).toEqual([]);
  const text = readFileSync(join(dir, name!), 'utf8');
  const expected = accepted.map(({ uid, sessionId, message, timestamp }) => ({
    uid,
    sessionId,
    message,
    timestamp,
  }));
  const lines = text.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual(
    expected.map((entry) => expect.objectContaining(entry)),
  );
  if (!hasJq) return;
  const filter = '{uid, sessionId, message, timestamp}';
  const read = execFileSync('jq', ['-c', filter, join(dir, name!)], { maxBuffer: 2 ** 26, encoding: 'utf8' });
  expect(
    read
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
  ).toEqual(expected);
});
