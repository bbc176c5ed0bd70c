import { jest } from '@jest/globals';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cleanUp } from '../../../test/support/clean-up.js';
import { tempDir } from '../../../test/support/temp-dir.js';

/** Called when an archive was looked for and is not there. */
let onMissingArchive = (): void => {};

jest.unstable_mockModule('node:fs', () => ({
  ...fs,
  createReadStream: (path: string, options: object) => {
    const stream = fs.createReadStream(path, options);
    return path.endsWith('.gz') ? stream.prependListener('error', () => onMissingArchive()) : stream;
  },
}));

const { readLogFiles } = await import('./read-log-files.js');

afterEach(cleanUp);

it('reads each line once where the archive appears just after it was looked for', async () => {
  const path = join(tempDir(), '2026-11-22.log');
  const timestamp = '2026-11-22T12:00:00.000Z';
  const lines = ['a', 'b'].map((message) =>
    JSON.stringify({ uid: 'p-1', timestamp, sessionId: 's', message }),
  );
  fs.writeFileSync(path, `${lines.join('\n')}\n`);
  onMissingArchive = () => fs.writeFileSync(`${path}.gz`, gzipSync(`${lines.join('\n')}\n`));
  const messages: string[] = [];
  for await (const { message } of readLogFiles({ dir: join(path, '..') })) messages.push(message);
  expect(messages).toEqual(['a', 'b']);
});
