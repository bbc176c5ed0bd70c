/** UTF-16 units written at once, about: far below what a text may hold in V8, 512 Mi. */
const MAX_UNITS = 16 * 1024 * 1024;

/** Lines that could not be written. */
export class UnwrittenLines extends Error {
  /** @param written how many lines of the batch are in the file */
  constructor(
    readonly written: number,
    cause: unknown,
  ) {
    super('not all lines could be written', { cause });
  }
}

/** How many of `lines`, each with its newline, stand whole in their first `bytes` bytes. */
export function wholeLines(lines: readonly string[], bytes: number): number {
  let left = bytes;
  const torn = lines.findIndex((line) => (left -= Buffer.byteLength(line) + 1) < 0);
  return torn === -1 ? lines.length : torn;
}

/** As many of the first of `lines` as are written at once: about 16 MiB, one at the least. */
export function firstLines(lines: readonly string[]): readonly string[] {
  let units = 0;
  const end = lines.findIndex((line) => (units += line.length + 1) > MAX_UNITS);
  return end === -1 ? lines : lines.slice(0, Math.max(end, 1));
}
