import type { Dirent } from 'node:fs';
import { messageOf, SessionLoggerError } from '../../session-logger.errors.js';
import { removeDrafts } from './archive-draft.js';
import { eraseFromArchive } from './erase-archive.js';
import { isLineOf, type LineTest } from './erase-lines.js';
import { eraseFromLog } from './erase-log.js';
import { findDailyLogFiles, syncDirectory, type DailyLogFile } from './log-directory.js';

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
  const attempt = (path: string, task: () => Promise<void>): Promise<void> =>
    task().catch((error: unknown) => void failures.push({ path, error }));
  const logs = logsIn(dir, sessionId);
  for (const log of logs) {
    // The archive last, as the log may become one meanwhile.
    await attempt(log, () => blankInLog(log, isErased));
    await attempt(`${log}.gz`, () => eraseFromArchive(log, isErased));
  }
  if (logs.length > 0) await attempt(dir, () => syncDirectory(dir));
  if (failures.length > 0) throw erasureFailed(sessionId, failures);
}

/** The paths of the logs of which there is anything, be it the archive alone or what a crash has left of one. */
function logsIn(dir: string, sessionId: string): string[] {
  const paths = find(dir, sessionId).map(({ path }) => path.replace(/\.gz(\.\w+\.tmp)?$/, ''));
  return [...new Set(paths)];
}

async function blankInLog(log: string, isErased: LineTest): Promise<void> {
  // By version alone, a clock that ticks too slowly could hide that a draft was made before the last of the blanks.
  if ((await eraseFromLog(log, isErased)) > 0) removeDrafts(log);
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

function erasureFailed(sessionId: string, failures: readonly Failure[]): SessionLoggerError {
  const files = failures.map(({ path }) => path);
  return new SessionLoggerError(
    'ERASURE_FAILED',
    `Lines of session ${sessionId} may still be in ${files.join(', ')}: ${messageOf(failures[0]!.error)}. ` +
      'See that the files can be listed, read and written and are whole, and delete the session again.',
    { cause: failures[0]!.error, details: { files } },
  );
}
