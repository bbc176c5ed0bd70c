import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { UnwrittenLines, wholeLines } from './unwritten-lines.js';

const NEWLINE = 0x0a;

/** Ends a line that a crash has torn, so that the next one stands alone. Synchronous: one byte a file opened. */
export function endTornLine(fd: number): void {
  const { size } = fstatSync(fd);
  if (size === 0) return;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  if (last[0] !== NEWLINE) writeSync(fd, '\n');
}

/**
 * Appends lines to a file before it returns.
 *
 * @param durable whether they have to be on the disk by then
 * @throws UnwrittenLines where not all could be written
 */
export function appendLinesSync(path: string, lines: readonly string[], durable: boolean): void {
  let written = 0;
  try {
    const fd = openSync(path, 'a+');
    try {
      endTornLine(fd);
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      while (written < bytes.length) written += writeSync(fd, bytes, written);
      if (durable) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw new UnwrittenLines(wholeLines(lines, written), error);
  }
}
