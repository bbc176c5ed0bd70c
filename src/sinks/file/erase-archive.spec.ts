import { jest } from '@jest/globals';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { cleanUp } from '../../../test/support/clean-up.js';
import { tempDir } from '../../../test/support/temp-dir.js';

/** What other processes do just before an archive is replaced, and just afterwards. */
let before: (draft: string) => void;
let after: () => void;
/** What they do just before drafts are looked for. */
let beforeListing: () => void;

jest.unstable_mockModule('node:fs', () => ({
  ...fs,
  renameSync: (from: string, to: string) => {
    before(from);
    fs.renameSync(from, to);
    after();
  },
  readdirSync: (dir: string, options: { withFileTypes: true }) => {
    beforeListing();
    return fs.readdirSync(dir, options);
  },
}));

const { eraseFromArchive } = await import('./erase-archive.js');
const { draftPath } = await import('./archive-draft.js');

afterEach(cleanUp);

describe('eraseFromArchive', () => {
  let log: string;
  let archive: string;

  beforeEach(() => {
    log = join(tempDir(), '2026-11-22.log');
    archive = `${log}.gz`;
    before = after = beforeListing = (): void => {};
    put(archive, 'a1\nb1\nc1\n');
  });

  const put = (path: string, text: string): void => fs.writeFileSync(path, gzipSync(text));
  const erase = (session: string): Promise<void> =>
    eraseFromArchive(log, (line) => line.toString().startsWith(session));
  const content = (): string => gunzipSync(fs.readFileSync(archive)).toString();
  const draftOf = (source: string): string => draftPath(log, fs.statSync(source, { bigint: true }));

  it('begins anew where another process has replaced the archive and removed the draft', async () => {
    before = (draft) => {
      before = (): void => {};
      put(`${log}.new`, 'a1\n  \nc1\n');
      fs.renameSync(`${log}.new`, archive);
      fs.unlinkSync(draft);
    };
    await erase('a');
    expect(content()).toBe('  \n  \nc1\n');
  });

  it('begins anew where one that had looked before replaces the archive afterwards', async () => {
    const older = draftOf(archive);
    put(older, 'a1\n  \nc1\n');
    after = (): void => {
      after = (): void => {};
      fs.renameSync(older, archive);
    };
    await erase('a');
    expect(content()).toBe('  \n  \nc1\n');
  });

  it('removes what was made of an older archive, of a log that has changed and of none, and nothing else', async () => {
    fs.writeFileSync(log, 'before');
    const outdated = [draftOf(archive), draftOf(log), `${archive}.0a1b2c3d.tmp`];
    fs.writeFileSync(log, 'after it');
    const [ofLog, ofOther] = [draftOf(log), `${log.replace('.log', '.1.log')}.gz.0a1b2c3d.tmp`];
    let ofNew = '';
    for (const path of [...outdated, ofLog, ofOther]) fs.writeFileSync(path, 'draft');
    after = () => fs.writeFileSync((ofNew = draftOf(archive)), 'draft');
    await erase('a');
    expect(content()).toBe('  \nb1\nc1\n');
    const left = fs.readdirSync(join(log, '..')).map((name) => join(log, '..', name));
    expect(left).toEqual([log, archive, ofLog, ofNew, ofOther].toSorted());
  });

  it('looks again where an archive appears once it had found none', async () => {
    fs.unlinkSync(archive);
    beforeListing = () => {
      beforeListing = (): void => {};
      put(archive, 'a1\nb1\n');
    };
    await erase('a');
    expect(content()).toBe('  \nb1\n');
  });

  it('gives up where others are faster each time, and leaves theirs in place', async () => {
    before = (draft) => fs.unlinkSync(draft);
    await expect(erase('a')).rejects.toThrow('again and again');
    expect(content()).toBe('a1\nb1\nc1\n');
    expect(fs.readdirSync(join(log, '..'))).toEqual(['2026-11-22.log.gz']);
  });
});
