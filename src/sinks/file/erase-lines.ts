import { LineSplitter } from './line-splitter.js';

/** Whether a line, given without its newline, is to go. */
export type LineTest = (line: Buffer) => boolean;

/** Where a line stands that is to go: from the byte `begin` to before the byte `end`, at which its newline stands. */
export interface LinePlace {
  readonly begin: number;
  readonly end: number;
}

/** A longer line is no entry of ours: 256 MiB. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;

/** Whether a line is an entry of a session; what only mentions the session is not. */
export function isLineOf(sessionId: string): LineTest {
  const text = JSON.stringify(sessionId);
  return (line) => {
    if (!line.includes(text)) return false;
    try {
      const { uid, sessionId: found } = JSON.parse(line.toString()) as { uid?: unknown; sessionId?: unknown };
      return typeof uid === 'string' && found === sessionId;
    } catch {
      return false;
    }
  };
}

/** Where the lines of a file stand that are to go, given its bytes; the last may have no newline. */
export async function* placesOf(
  bytes: AsyncIterable<Buffer>,
  isErased: LineTest,
): AsyncGenerator<LinePlace, undefined> {
  let begin = 0;
  for await (const { line, length } of linesOf(bytes)) {
    if (line !== undefined && isErased(line)) yield { begin, end: begin + length };
    begin += length + 1;
  }
}

async function* linesOf(
  bytes: AsyncIterable<Buffer>,
): AsyncGenerator<{ line: Buffer | undefined; length: number }> {
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  for await (const chunk of bytes) {
    for (const line of splitter.push(chunk)) yield { line, length: splitter.lineBytes };
  }
  for (const line of splitter.end()) yield { line, length: splitter.lineBytes };
}
