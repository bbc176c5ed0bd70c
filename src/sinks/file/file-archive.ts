import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { tryUnlink } from './file-retention.js';

/** Compresses finished log files, one after the other: `x.log` becomes `x.log.gz`. */
export class FileArchive {
  private readonly running = new Map<string, Promise<void>>();
  private last = Promise.resolve();

  /** Takes a file that nobody writes any more. Where it cannot be compressed, it stays as it is. */
  add(path: string): void {
    if (this.running.has(path)) return;
    this.last = this.last.then(() => compress(path)).finally(() => this.running.delete(path));
    this.running.set(path, this.last);
  }

  /** Resolves when the file at `path` is not, or no longer, being compressed. */
  async finished(path: string): Promise<void> {
    await this.running.get(path);
  }

  /** Resolves when all files were taken care of. */
  async allFinished(): Promise<void> {
    await this.last;
  }
}

/** Never overwrites an archive, which may hold other lines of that day; never rejects. */
async function compress(path: string): Promise<void> {
  const archive = `${path}.gz`;
  const target = await open(archive, 'wx').catch(() => undefined);
  if (target === undefined) return;
  const complete = await copyCompressed(path, target);
  tryUnlink(complete ? path : archive);
}

async function copyCompressed(path: string, target: FileHandle): Promise<boolean> {
  try {
    await pipeline(createReadStream(path), createGzip(), target.createWriteStream());
    return true;
  } catch {
    return false;
  }
}
