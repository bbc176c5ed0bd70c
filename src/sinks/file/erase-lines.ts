import { LineSplitter, MAX_LINE_BYTES } from './line-splitter.js';

/** Whether a line, given without its newline, is to go. `isEnded`: whether it has one, so that nothing is added to it. */
export type LineTest = (line: Buffer, isEnded: boolean) => boolean;

/** Where a line stands that is to go: from the byte `begin` to before the byte `end`, at which its newline stands. */
export interface LinePlace {
  readonly begin: number;
  readonly end: number;
}

/** How our lines begin, up to the session id in quotes. */
const HEAD = /^\{"uid":"[^"]*","timestamp":"[^"]*","sessionId":("[^"]*")/;
/** More than that has. */
export const MAX_HEAD_BYTES = 512;

/** Whether a line is an entry of a session, or what a crash has left of one; what only mentions the session is not. */
export function isLineOf(sessionId: string): LineTest {
  const text = JSON.stringify(sessionId);
  return (line, isEnded) =>
    line.includes(text) && (isEntryOf(line, sessionId) || (isEnded && sessionIn(line) === text));
}

/** The session id in quotes, where the beginning of a line tells it. */
function sessionIn(line: Buffer): string | undefined {
  return HEAD.exec(line.toString('latin1', 0, MAX_HEAD_BYTES))?.[1];
}

function isEntryOf(line: Buffer, sessionId: string): boolean {
  try {
    const { uid, sessionId: found } = JSON.parse(line.toString()) as { uid?: unknown; sessionId?: unknown };
    return typeof uid === 'string' && found === sessionId;
  } catch {
    return false;
  }
}

/** Where the lines of a file stand that are to go, given its bytes; the last may have no newline. */
export async function* placesOf(
  bytes: AsyncIterable<Buffer>,
  isErased: LineTest,
): AsyncGenerator<LinePlace, undefined> {
  let begin = 0;
  for await (const { line, length, isEnded } of linesOf(bytes)) {
    if (line !== undefined && isErased(line, isEnded)) yield { begin, end: begin + length };
    begin += length + 1;
  }
}

interface FoundLine {
  /** Undefined where it is too long. */
  readonly line: Buffer | undefined;
  readonly length: number;
  readonly isEnded: boolean;
}

async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<FoundLine> {
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  for await (const chunk of bytes) {
    for (const line of splitter.push(chunk)) yield { line, length: splitter.lineBytes, isEnded: true };
  }
  for (const line of splitter.end()) yield { line, length: splitter.lineBytes, isEnded: false };
}
