import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { firstLines, UnwrittenLines, wholeLines } from './unwritten-lines.js';

const NEWLINE = 0x0a;

/** Ends a line that a crash has torn, so that the next one stands alone. Synchronous: one byte a file opened. */
export function endTornLine(fd: number): void {
  const { size } = fstatSync(fd);
  if (size === 0) return;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  if (last[0] !== NEWLINE) writeSync(fd, '\n');
}

/** What stands behind the last newline of `bytes`: a line without its end. */
export function tornLine(bytes: Buffer): Buffer {
  return bytes.subarray(bytes.lastIndexOf(NEWLINE) + 1);
}

/**
 * Takes `torn`, a line that was written in part, off the end of a file. It stays there, for {@link endTornLine},
 * where somebody has written behind it or the file cannot be made shorter.
 */
export function removeTornLine(fd: number, torn: Buffer, truncate = ftruncateSync): void {
  if (torn.length === 0) return;
  try {
    const begin = fstatSync(fd).size - torn.length;
    if (begin >= 0 && bytesAt(fd, begin, torn.length).equals(torn)) truncate(fd, begin);
  } catch {
    // The next write ends the line by a newline.
  }
}

/**
 * Appends lines to a file before it returns. The file ends in a whole line whatever happens.
 *
 * @param durable whether they have to be on the disk by then
 * @throws UnwrittenLines where not all could be written
 */
export function appendLinesSync(path: string, lines: readonly string[], durable: boolean): void {
  let rest = lines;
  try {
    const fd = openSync(path, 'a+');
    try {
      endTornLine(fd);
      while (rest.length > 0) rest = rest.slice(writeFirstLines(fd, rest));
      if (durable) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const { written, cause } = error instanceof UnwrittenLines ? error : { written: 0, cause: error };
    throw new UnwrittenLines(lines.length - rest.length + written, cause);
  }
}

/** @returns how many lines it has written */
function writeFirstLines(fd: number, lines: readonly string[]): number {
  const first = firstLines(lines);
  const bytes = Buffer.from(`${first.join('\n')}\n`);
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(fd, bytes, written);
    return first.length;
  } catch (error) {
    removeTornLine(fd, tornLine(bytes.subarray(0, written)));
    throw new UnwrittenLines(wholeLines(first, written), error);
  }
}

function bytesAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  readSync(fd, bytes, 0, length, position);
  return bytes;
}
