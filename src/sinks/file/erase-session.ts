import type { Dirent } from 'node:fs';
import { messageOf, SessionLoggerError } from '../../session-logger.errors.js';
import { eraseFromArchive } from './erase-archive.js';
import { isLineOf, type LineTest } from './erase-lines.js';
import { eraseFromLog } from './erase-log.js';
import { findDailyLogFiles, tryUnlink, type DailyLogFile } from './log-directory.js';

/** What may still hold lines, and why. */
interface Failure {
  readonly path: string;
  readonly error: unknown;
}

/**
 * Removes the lines of a session from all daily files in a directory; of the others none is lost.
 *
 * @throws SessionLoggerError `ERASURE_FAILED`, once all files were tried
 */
export async function eraseSession(dir: string, sessionId: string): Promise<void> {
  const isErased = isLineOf(sessionId);
  const failures: Failure[] = linksIn(dir, sessionId);
  // A log may become an archive meanwhile, and then is none any more.
  for (const kind of ['draft', 'log', 'archive'] as const) {
    for (const file of find(dir, sessionId).filter((one) => one.kind === kind)) {
      await eraseFrom(file, isErased).catch((error: unknown) => failures.push({ path: file.path, error }));
    }
  }
  if (failures.length > 0) throw erasureFailed(sessionId, failures);
}

function find(dir: string, sessionId: string, isWanted?: (found: Dirent) => boolean): DailyLogFile[] {
  try {
    return findDailyLogFiles(dir, true, isWanted);
  } catch (error) {
    throw erasureFailed(sessionId, [{ path: dir, error }]);
  }
}

/** The application writes through a link that is named like a log; whose file it leads to, nobody knows. */
function linksIn(dir: string, sessionId: string): Failure[] {
  const error = new Error('a symbolic link is not followed');
  return find(dir, sessionId, (found) => found.isSymbolicLink()).map(({ path }) => ({ path, error }));
}

async function eraseFrom({ path, kind }: DailyLogFile, isErased: LineTest): Promise<void> {
  try {
    if (kind === 'log') await eraseFromLog(path, isErased);
    else if (kind === 'archive') await eraseFromArchive(path, isErased);
    // An archive in the making, or what a crash left of one: whoever makes it begins anew.
    else tryUnlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function erasureFailed(sessionId: string, failures: readonly Failure[]): SessionLoggerError {
  const files = failures.map(({ path }) => path);
  return new SessionLoggerError(
    'ERASURE_FAILED',
    `Lines of session ${sessionId} may still be in ${files.join(', ')}: ${messageOf(failures[0]!.error)}. ` +
      'See that the files can be listed, read and written and are whole, and delete the session again.',
    { cause: failures[0]!.error, details: { files } },
  );
}
