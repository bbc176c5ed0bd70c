/**
 * Where a reader stands in a session log: `<epoch>-<offset>`. The offset counts the records of the log
 * from 1, so a position names the record read last; offset 0 stands before the first. The epoch changes
 * when a log that held records is created anew, so a position never points at another log's record.
 */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

const POSITION_PATTERN = /^([A-Za-z0-9]{1,64})-(0|[1-9]\d{0,15})$/;

/** Writes a position as the id that readers and SSE clients keep; without an offset, what such ids begin with. */
export function formatPosition(epoch: string, offset: number | ''): string {
  return epoch + '-' + offset;
}

/** Reads a position back, or returns undefined where `text` is none. */
export function parsePosition(text: string): Position | undefined {
  const match = POSITION_PATTERN.exec(text);
  if (match === null) return undefined;
  const offset = Number(match[2]);
  return Number.isSafeInteger(offset) ? { epoch: match[1]!, offset } : undefined;
}
