import { randomBytes } from 'node:crypto';
import { rmSync, type BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { VERSION_LENGTH, versionOf } from './file-version.js';
import { findDailyLogFiles } from './log-directory.js';

/** The path of an archive in the making. Its name tells of which version of the log or the archive it is made. */
export function draftPath(log: string, source: BigIntStats): string {
  return `${log}.gz.${versionOf(source)}${randomBytes(4).toString('hex')}.tmp`;
}

/**
 * Removes the archives in the making of a log, and what crashes have left of some; of a version that is to be kept,
 * they stay. Whoever makes one that is gone can no longer put it in its place.
 *
 * @throws where one cannot be removed
 */
export function removeDrafts(log: string, kept: readonly (string | undefined)[] = []): void {
  const prefix = `${log}.gz.`;
  const versionIn = (path: string): string => path.slice(prefix.length, prefix.length + VERSION_LENGTH);
  for (const { path, kind } of findDailyLogFiles(dirname(log), true)) {
    if (kind !== 'draft' || !path.startsWith(prefix) || kept.includes(versionIn(path))) continue;
    rmSync(path, { force: true });
  }
}

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
