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
