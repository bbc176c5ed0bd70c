import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { writeDraft } from './archive-draft.js';
import { placesOf, type LinePlace, type LineTest } from './erase-lines.js';
import { syncDirectory, tryUnlink } from './log-directory.js';

/**
 * Writes an archive anew with blanks in the place of some lines, if it has any of them. It is whole under its name
 * all the while, and goes on to be the beginning of a log that a crash has left beside it.
 */
export async function eraseFromArchive(path: string, isErased: LineTest): Promise<void> {
  if (!(await holdsAny(path, isErased))) return;
  const draft = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const source = await stat(path, { bigint: true });
    await writeDraft(draft, source, () => withBlanks(unzip(path), placesOf(unzip(path), isErased)));
    await rename(draft, path);
    await syncDirectory(dirname(path));
  } finally {
    tryUnlink(draft);
  }
}

async function holdsAny(path: string, isErased: LineTest): Promise<boolean> {
  for await (const _ of placesOf(unzip(path), isErased)) return true;
  return false;
}

/** The bytes, with blanks at some places; these are read alongside, as they may be many. */
async function* withBlanks(
  bytes: AsyncIterable<Buffer>,
  places: AsyncGenerator<LinePlace, undefined>,
): AsyncGenerator<Buffer> {
  try {
    let at = 0;
    let place = (await places.next()).value;
    for await (const chunk of bytes) {
      const end = at + chunk.length;
      for (; place !== undefined && place.begin < end; place = (await places.next()).value) {
        chunk.fill(' ', Math.max(place.begin - at, 0), Math.min(place.end, end) - at);
        if (place.end > end) break;
      }
      yield chunk;
      at = end;
    }
  } finally {
    await places.return(undefined);
  }
}

async function* unzip(path: string): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  // Its failure is that of what is read from it.
  const reading = pipeline(createReadStream(path), gunzip).catch(() => {});
  for await (const chunk of gunzip) yield chunk as Buffer;
  await reading;
}
