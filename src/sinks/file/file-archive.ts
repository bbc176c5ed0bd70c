import { createReadStream, linkSync, statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { draftPath, writeDraft } from './archive-draft.js';
import { digest } from './digest.js';
import { versionAt, versionOf } from './file-version.js';
import { syncDirectory, tryUnlink } from './log-directory.js';

/** For how long nobody has written to a file that is compressed, in milliseconds. */
export const QUIET_MS = 10 * 60_000;

/** Whether a file was left alone for so long that no process holds it open to write to it. */
export function isQuiet(path: string): boolean {
  try {
    return Date.now() - statSync(path).mtimeMs >= QUIET_MS;
  } catch {
    return false;
  }
}

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

  /** Does a `task` while no file is compressed. */
  async between<T>(task: () => Promise<T>): Promise<T> {
    const done = this.last.then(task);
    // Its failure is the caller's.
    this.last = quiet(done);
    return done;
  }

  /** Resolves when all files were taken care of. */
  async allFinished(): Promise<void> {
    await this.last;
  }
}

async function quiet(work: Promise<unknown>): Promise<void> {
  await work.catch(() => {});
}

/** The archive appears whole, under its name, or not at all, and is never removed. Never rejects. */
async function compress(path: string): Promise<void> {
  try {
    const source = await open(path);
    try {
      await compressFrom(path, source);
    } finally {
      await source.close();
    }
  } catch {
    // It is tried again at the next start.
  }
}

async function compressFrom(path: string, source: FileHandle): Promise<void> {
  const stats = await source.stat({ bigint: true });
  const isUnchanged = (): boolean => versionAt(path) === versionOf(stats);
  const draft = draftPath(path, stats);
  try {
    await writeDraft(draft, stats, () => source.createReadStream({ autoClose: false }));
    if (!isUnchanged() || !(await publish(draft, `${path}.gz`))) return;
    await syncDirectory(dirname(path));
    // Whoever writes to it from here on finds it without a name, and writes anew.
    if (isUnchanged()) tryUnlink(path);
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
    // Another process has made the same, or a crash came before the file could be removed.
    const [ours, theirs] = await Promise.all([draft, archive].map((path) => digest(createReadStream(path))));
    return ours!.hash === theirs!.hash;
  }
}
