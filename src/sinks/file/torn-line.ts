import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';

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
 * @throws where not all could be written
 */
export function appendLinesSync(path: string, lines: readonly string[], durable: boolean): void {
  const fd = openSync(path, 'a+');
  try {
    endTornLine(fd);
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    if (durable) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
