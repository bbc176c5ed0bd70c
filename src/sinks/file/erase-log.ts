import { open, type FileHandle } from 'node:fs/promises';
import { MAX_HEAD_BYTES, placesOf, type LinePlace, type LineTest } from './erase-lines.js';

const BLANKS = Buffer.alloc(64 * 1024, ' ');

/**
 * Overwrites lines of a log with blanks. The file keeps its length and its place, so that nothing that anybody
 * appends meanwhile is lost. Resolves to how many lines went, when that is on the disk.
 */
export async function eraseFromLog(path: string, isErased: LineTest): Promise<number> {
  const file = await openIfThere(path);
  if (file === undefined) return 0;
  try {
    let erased = 0;
    for await (const place of placesOf(file.createReadStream({ start: 0, autoClose: false }), isErased)) {
      await blankLine(file, place);
      erased++;
    }
    if (erased > 0) await file.sync();
    return erased;
  } finally {
    await file.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The beginning last: it tells whose the rest is, should a crash come between. */
async function blankLine(file: FileHandle, { begin, end }: LinePlace): Promise<void> {
  const head = Math.min(begin + MAX_HEAD_BYTES, end);
  await blank(file, head, end);
  await blank(file, begin, head);
}

async function blank(file: FileHandle, begin: number, end: number): Promise<void> {
  for (let at = begin; at < end;) {
    at += (await file.write(BLANKS, 0, Math.min(BLANKS.length, end - at), at)).bytesWritten;
  }
}
