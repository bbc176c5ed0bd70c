import { createReadStream, type ReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { digest, type Digest } from './digest.js';
import { LineSplitter, MAX_LINE_BYTES } from './line-splitter.js';

/** Is told how many bytes of a file have been read, compressed ones as they are. What it throws ends the reading. */
export type OnRead = (bytes: number) => void;

/** The lines of a log and of its archive, each once: it may be compressed meanwhile, or have been in part. */
export async function* linesOfLog(
  path: string,
  size: number,
  onRead: OnRead,
): AsyncGenerator<Buffer | undefined> {
  const archive = `${path}.gz`;
  if ((await archivedBytes(path, archive)) !== undefined) {
    if (!(yield* linesOf(path, onRead, 0, size))) yield* linesOf(archive, onRead);
    return;
  }
  yield* linesOf(archive, onRead);
  // What was missing may be there by now, with the same lines once more at its beginning.
  yield* linesOf(path, onRead, await archivedBytes(path, archive), size);
}

/** @returns whether the file is there */
async function* linesOf(
  path: string,
  onRead: OnRead,
  start = 0,
  end = Infinity,
): AsyncGenerator<Buffer | undefined, boolean> {
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  let left = Math.max(0, end - start);
  const file = createReadStream(path, { start });
  try {
    for await (const chunk of unpacked(file, path)) {
      onRead(start + file.bytesRead);
      yield* splitter.push(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) break;
    }
  } catch (error) {
    if (isMissing(error)) return false;
    // An archive that is damaged ends in the middle of a line.
    if (!isDamage(error)) throw error;
    yield undefined;
    return true;
  }
  yield* splitter.end();
  return true;
}

/**
 * How many bytes of a log its archive holds, as a crash leaves both; undefined where the archive holds others,
 * or there is no log. Neither is held in memory.
 */
async function archivedBytes(path: string, archive: string): Promise<number | undefined> {
  try {
    await access(path);
    const archived = await digest(unpacked(createReadStream(archive), archive)).catch(noneIfMissing);
    if (archived.bytes === 0) return 0;
    const begin = await digest(createReadStream(path, { end: archived.bytes - 1 }));
    return archived.hash === begin.hash ? archived.bytes : undefined;
  } catch (error) {
    if (isMissing(error) || isDamage(error)) return undefined;
    throw error;
  }
}

function noneIfMissing(error: unknown): Digest {
  if (isMissing(error)) return { bytes: 0, hash: '' };
  throw error;
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function isDamage(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('Z_');
}

function unpacked(file: ReadStream, path: string): AsyncIterable<Buffer> {
  if (!path.endsWith('.gz')) return file;
  const gunzip = createGunzip();
  file.on('error', (error) => gunzip.destroy(error));
  gunzip.on('close', () => file.destroy());
  return file.pipe(gunzip);
}
