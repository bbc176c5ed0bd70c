import type { BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/**
 * Compresses bytes to a new file, for those who may read the file from which they come. They are asked for when the
 * new file is there; resolves when they are on the disk.
 */
export async function writeDraft(
  draft: string,
  source: BigIntStats,
  bytes: () => AsyncIterable<Buffer>,
): Promise<void> {
  const target = await open(draft, 'wx', 0o600);
  try {
    await giveTo(target, source);
    await pipeline(bytes(), createGzip(), target.createWriteStream({ flush: true }));
  } finally {
    await target.close();
  }
}

/** Owner and group first: to set them takes rights from the mode. */
async function giveTo(file: FileHandle, { uid, gid, mode }: BigIntStats): Promise<void> {
  await file.chown(-1, Number(gid)).catch(leaveIt);
  await file.chown(Number(uid), -1).catch(leaveIt);
  await file.chmod(Number(mode) & 0o777).catch(leaveIt);
}

/** Not everybody may give files away, and not every file system knows whose they are. */
function leaveIt(): void {}
