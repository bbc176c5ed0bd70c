import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { jest } from '@jest/globals';
import { cleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';
import { FaultChild } from './fault-child.js';

jest.setTimeout(120_000);
afterEach(cleanUp);

it('reading files back takes constant memory, compressed or not', async () => {
  const dir = tempDir();
  const entry = {
    uid: 'p-1',
    timestamp: '2026-11-22T12:00:00.000Z',
    sessionId: 's',
    message: 'x'.repeat(2_000),
  };
  const lines = `${JSON.stringify(entry)}\n`.repeat(50_000);
  for (const day of ['20', '21']) {
    writeFileSync(join(dir, `2026-11-${day}.log`), lines);
    writeFileSync(join(dir, `2026-11-${day}.1.log.gz`), gzipSync(lines));
  }
  const through = ['env', 'NODE_OPTIONS=--max-old-space-size=48'];
  const child = new FaultChild({ task: 'read', dir }, { through });
  expect(await child.told<{ count: number }>()).toEqual({ count: 200_000 });
  expect(await child.exited).toEqual({ code: 0, signal: null });
});
