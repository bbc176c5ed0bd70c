import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { LineSplitter } from './line-splitter.js';
import { syncDirectory, tryUnlink } from './log-directory.js';

/** Whether a line, given without its newline, is to go. */
export type LineTest = (line: Buffer) => boolean;

/** A longer line is no entry of ours: 256 MiB. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;
const BLANKS = Buffer.alloc(64 * 1024, ' ');
const NEWLINE = Buffer.from('\n');

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

/**
 * Overwrites lines of a log with blanks. The file keeps its length and its place, so that nothing that anybody
 * appends meanwhile is lost. Resolves to how many lines went, when that is on the disk.
 */
export async function eraseFromLog(path: string, isErased: LineTest): Promise<number> {
  const file = await open(path, 'r+');
  try {
    const splitter = new LineSplitter(MAX_LINE_BYTES);
    let offset = 0;
    let erased = 0;
    for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) {
      for (const line of splitter.push(chunk as Buffer)) {
        if (line !== undefined && isErased(line)) {
          await blank(file, offset, line.length);
          erased++;
        }
        offset += splitter.lineBytes + 1;
      }
    }
    if (erased > 0) await file.sync();
    return erased;
  } finally {
    await file.close();
  }
}

/** Writes an archive anew without some lines, if it has any of them. It is whole under its name all the while. */
export async function eraseFromArchive(path: string, isErased: LineTest): Promise<number> {
  let erased = 0;
  for await (const line of archivedLines(path)) if (line !== undefined && isErased(line)) erased++;
  if (erased === 0) return 0;
  const draft = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const target = createWriteStream(draft, { flags: 'wx', flush: true });
    await pipeline(linesThatStay(path, isErased), createGzip(), target);
    await rename(draft, path);
    await syncDirectory(dirname(path));
    return erased;
  } finally {
    tryUnlink(draft);
  }
}

async function* linesThatStay(path: string, isErased: LineTest): AsyncGenerator<Buffer> {
  for await (const line of archivedLines(path)) {
    if (line === undefined || isErased(line)) continue;
    yield line;
    yield NEWLINE;
  }
}

async function* archivedLines(path: string): AsyncGenerator<Buffer | undefined> {
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  const gunzip = createGunzip();
  // Its failure is that of what is read from it.
  const reading = pipeline(createReadStream(path), gunzip).catch(() => {});
  for await (const chunk of gunzip) yield* splitter.push(chunk as Buffer);
  yield* splitter.end();
  await reading;
}

async function blank(file: FileHandle, position: number, length: number): Promise<void> {
  let done = 0;
  while (done < length) {
    const part = Math.min(BLANKS.length, length - done);
    done += (await file.write(BLANKS, 0, part, position + done)).bytesWritten;
  }
}
