import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfirmingFs, type FileSystem } from './confirming-fs.js';

const OPTIONS = { durable: false, onFailure: () => {} };

describe('ConfirmingFs', () => {
  let dir: string;
  let path: string;

  beforeEach(() => {
    dir = fs.mkdtempSync(join(tmpdir(), 'confirming-fs-'));
    path = join(dir, 'a.log');
  });

  afterEach(() => fs.rmSync(dir, { recursive: true }));

  const stream = (confirming: ConfirmingFs): fs.WriteStream =>
    fs.createWriteStream(path, { flags: 'a+', fs: confirming });

  it('confirms when the last byte of all writes was written', async () => {
    const confirming = new ConfirmingFs(fs, OPTIONS);
    const out = stream(confirming);
    const confirmed = confirming.confirm(6);
    out.write('one');
    out.write('two');
    await confirmed;
    expect(fs.readFileSync(path, 'utf8')).toBe('onetwo');
    out.end();
    await confirming.allClosed();
  });

  it('waits for the rest where the file takes only a part', async () => {
    const write = ((
      fd: number,
      data: Buffer,
      offset: number,
      _length: number,
      at: number,
      done: () => void,
    ) => fs.write(fd, data, offset, 1, at, done)) as unknown as FileSystem['write'];
    const confirming = new ConfirmingFs({ ...fs, write }, OPTIONS);
    const out = stream(confirming);
    const confirmed = confirming.confirm(6);
    out.write('onetwo');
    await confirmed;
    expect(fs.readFileSync(path, 'utf8')).toBe('onetwo');
    out.end();
    await confirming.allClosed();
  });

  it('is closed when a file could not be opened', async () => {
    fs.mkdirSync(path);
    const confirming = new ConfirmingFs(fs, OPTIONS);
    const failed = new Promise((resolve) => stream(confirming).on('error', resolve));
    await expect(failed).resolves.toMatchObject({ code: 'EISDIR' });
    await expect(confirming.allClosed()).resolves.toBeUndefined();
  });

  it.each([
    ['torn', 'whole\ntorn', 'whole\ntorn\nnext\n'],
    ['whole', 'whole\n', 'whole\nnext\n'],
    ['missing', '', 'next\n'],
  ])('begins on a line of its own after a %s line', async (_case, before, after) => {
    fs.writeFileSync(path, before);
    const confirming = new ConfirmingFs(fs, OPTIONS);
    await once(stream(confirming).end('next\n'), 'close');
    expect(fs.readFileSync(path, 'utf8')).toBe(after);
  });
});
