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
});
