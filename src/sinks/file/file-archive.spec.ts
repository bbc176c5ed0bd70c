import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { FileArchive } from './file-archive.js';

describe('FileArchive', () => {
  let dir: string;
  let path: string;

  beforeEach(() => {
    dir = fs.mkdtempSync(join(tmpdir(), 'file-archive-'));
    path = join(dir, '2026-11-22.log');
  });

  afterEach(() => fs.rmSync(dir, { recursive: true }));

  it('puts the archive in the place of the file', async () => {
    fs.writeFileSync(path, 'line\n');
    const archive = new FileArchive();
    archive.add(path);
    archive.add(path);
    await archive.allFinished();
    expect(fs.readdirSync(dir)).toEqual(['2026-11-22.log.gz']);
    expect(gunzipSync(fs.readFileSync(`${path}.gz`)).toString()).toBe('line\n');
  });

  it('leaves the archive to those who may read the file', async () => {
    fs.writeFileSync(path, 'line\n');
    fs.chmodSync(path, 0o600);
    const archive = new FileArchive();
    archive.add(path);
    await archive.allFinished();
    expect(fs.statSync(`${path}.gz`).mode & 0o777).toBe(0o600);
  });

  it('leaves both alone where an archive is there', async () => {
    fs.writeFileSync(path, 'line\n');
    fs.writeFileSync(`${path}.gz`, 'other');
    const archive = new FileArchive();
    archive.add(path);
    await archive.allFinished();
    expect(fs.readFileSync(path, 'utf8')).toBe('line\n');
    expect(fs.readFileSync(`${path}.gz`, 'utf8')).toBe('other');
  });

  it('leaves nothing half done where the file cannot be read, and goes on', async () => {
    fs.mkdirSync(path);
    const next = join(dir, '2026-11-23.log');
    fs.writeFileSync(next, 'line\n');
    const archive = new FileArchive();
    archive.add(path);
    archive.add(next);
    await archive.allFinished();
    expect(fs.readdirSync(dir)).toEqual(['2026-11-22.log', '2026-11-23.log.gz']);
  });

  it('finishes what a crash left between the archive and the removal of the file', async () => {
    fs.writeFileSync(path, 'line\n');
    const archive = new FileArchive();
    archive.add(path);
    await archive.allFinished();
    fs.writeFileSync(path, 'line\n');
    archive.add(path);
    await archive.allFinished();
    expect(fs.readdirSync(dir)).toEqual(['2026-11-22.log.gz']);
  });

  it('leaves a file alone that somebody writes meanwhile', async () => {
    fs.writeFileSync(path, 'x'.repeat(10_000_000));
    const archive = new FileArchive();
    archive.add(path);
    while (fs.readdirSync(dir).length === 1) await new Promise(setImmediate);
    fs.appendFileSync(path, 'more\n');
    await archive.allFinished();
    expect(fs.readdirSync(dir)).toEqual(['2026-11-22.log']);
    expect(fs.statSync(path).size).toBe(10_000_005);
  });

  it('leaves both where somebody writes to the file just as the archive appears', async () => {
    fs.writeFileSync(path, 'line\n');
    const archive = new FileArchive();
    archive.add(path);
    while (!fs.existsSync(`${path}.gz`)) await new Promise(setImmediate);
    fs.appendFileSync(path, 'more\n');
    await archive.allFinished();
    expect(fs.readFileSync(path, 'utf8')).toBe('line\nmore\n');
    expect(gunzipSync(fs.readFileSync(`${path}.gz`)).toString()).toBe('line\n');
  });

  it('removes neither an archive nor a file that somebody writes while the same archive is made again', async () => {
    const content = 'x'.repeat(10_000_000);
    const archive = new FileArchive();
    fs.writeFileSync(path, content);
    archive.add(path);
    await archive.allFinished();
    fs.writeFileSync(path, content);
    archive.add(path);
    while (fs.readdirSync(dir).length === 2) await new Promise(setImmediate);
    fs.appendFileSync(path, 'more\n');
    await archive.allFinished();
    expect(fs.readdirSync(dir)).toEqual(['2026-11-22.log', '2026-11-22.log.gz']);
    expect(fs.statSync(path).size).toBe(10_000_005);
  });

  it('leaves a file alone that takes the place of the one that was read, though it is as long', async () => {
    fs.writeFileSync(path, 'x'.repeat(10_000_000));
    const other = join(dir, 'other');
    fs.writeFileSync(other, 'y'.repeat(10_000_000));
    const archive = new FileArchive();
    archive.add(path);
    while (fs.readdirSync(dir).length === 2) await new Promise(setImmediate);
    fs.renameSync(other, path);
    await archive.allFinished();
    expect(fs.readFileSync(path).equals(Buffer.alloc(10_000_000, 'y'))).toBe(true);
    expect(fs.readdirSync(dir)).toEqual(['2026-11-22.log']);
  });
});
