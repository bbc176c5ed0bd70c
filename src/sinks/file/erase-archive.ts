import { createReadStream, renameSync, statSync, type BigIntStats } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { draftPath, removeDrafts, writeDraft } from './archive-draft.js';
import { placesOf, type LinePlace, type LineTest } from './erase-lines.js';
import { versionAt, versionOf } from './file-version.js';
import { tryUnlink } from './log-directory.js';

/** How often it begins anew as others were faster. */
const MAX_TRIES = 100;

/**
 * Writes the archive of a log anew with blanks in the place of some lines, if it has any of them. It is whole under
 * its name all the while, and goes on to be the beginning of a log that a crash has left beside it.
 *
 * Other processes may do the same, or compress the log, at any time. Nobody holds a lock, which a process that was
 * killed or stopped would keep. Whoever replaces an archive has made a draft before it looks whether the archive is
 * still the one that was read; whoever has replaced it removes all drafts of older ones, and then looks whether its
 * own is in place. So what is older than an archive never takes its place after this was resolved.
 *
 * @throws where it cannot, or others were faster each time
 */
export async function eraseFromArchive(log: string, isErased: LineTest): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (await tryToErase(log, isErased)) return;
  }
  throw new Error('other processes have replaced it again and again');
}

/** @returns whether what is in place has none of the lines, and nothing that has can take its place any more */
async function tryToErase(log: string, isErased: LineTest): Promise<boolean> {
  const archive = `${log}.gz`;
  try {
    const source = statSync(archive, { bigint: true, throwIfNoEntry: false });
    const expected = source && (await blank(log, source, isErased));
    removeDrafts(log, [versionAt(log), versionAt(archive)]);
    return versionAt(archive) === expected;
  } catch (error) {
    // Another process has removed the draft, or the archive while it was read.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Resolves to the version that is in place unless another process was faster. */
async function blank(log: string, source: BigIntStats, isErased: LineTest): Promise<string | undefined> {
  const archive = `${log}.gz`;
  if (!(await holdsAny(archive, isErased))) return versionOf(source);
  const draft = draftPath(log, source);
  try {
    await writeDraft(draft, source, () => withBlanks(unzip(archive), placesOf(unzip(archive), isErased)));
    const made = versionAt(draft);
    if (versionAt(archive) === versionOf(source)) renameSync(draft, archive);
    return made;
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
