import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, linkSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { tryUnlink } from './log-directory.js';

/** Compresses finished log files, one after the other: `x.log` becomes `x.log.gz`. */
export class FileArchive {
  private readonly waiting = new Set<string>();
  private last = Promise.resolve();

  /** Takes a file that this process no longer writes. Where it cannot be compressed, it stays as it is. */
  add(path: string): void {
    if (this.waiting.has(path)) return;
    this.waiting.add(path);
    this.last = this.last.then(() => compress(path)).finally(() => this.waiting.delete(path));
  }

  /** Resolves when all files were taken care of. */
  async allFinished(): Promise<void> {
    await this.last;
  }
}

/** The archive appears whole, under its name, or not at all. Never rejects. */
async function compress(path: string): Promise<void> {
  const draft = `${path}.gz.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const { size } = statSync(path);
    await pipeline(createReadStream(path), createGzip(), createWriteStream(draft, { flags: 'wx' }));
    const hasGrown = (): boolean => statSync(path).size !== size;
    if (!(await publish(draft, `${path}.gz`))) return;
    // Another process may still write the file: before this the archive goes, after it that one writes anew.
    tryUnlink(hasGrown() ? `${path}.gz` : path);
  } catch {
    // It is tried again at the next start.
  } finally {
    tryUnlink(draft);
  }
}

/** Whether the archive is there now. One that was is never overwritten: it may hold other lines of that day. */
async function publish(draft: string, archive: string): Promise<boolean> {
  try {
    linkSync(draft, archive);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // A crash may have come before the file could be removed.
    const [ours, theirs] = await Promise.all([readFile(draft), readFile(archive)]);
    return ours.equals(theirs);
  }
}
