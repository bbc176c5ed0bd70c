import { createHash } from 'node:crypto';
import { statSync, type BigIntStats } from 'node:fs';

/** How many characters the name of a version has. */
export const VERSION_LENGTH = 16;

/** The name of a state of a file, which tells it from all others: which file, how long, when last written to. */
export function versionOf({ dev, ino, size, mtimeNs }: BigIntStats): string {
  const hash = createHash('sha256').update([dev, ino, size, mtimeNs].join(' '));
  return hash.digest('hex').slice(0, VERSION_LENGTH);
}

/** The version of the file that is there now; undefined where there is none. */
export function versionAt(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && versionOf(found);
}
