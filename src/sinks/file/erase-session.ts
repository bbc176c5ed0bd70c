import { messageOf, SessionLoggerError } from '../../session-logger.errors.js';
import { eraseFromArchive, eraseFromLog, isLineOf, type LineTest } from './erase-lines.js';
import { dailyLogFiles, tryUnlink, type DailyLogFile } from './log-directory.js';

/**
 * Removes the lines of a session from all daily files in a directory; of the others none is lost.
 *
 * @throws SessionLoggerError `ERASURE_FAILED`, once all files were tried
 */
export async function eraseSession(dir: string, sessionId: string): Promise<void> {
  const isErased = isLineOf(sessionId);
  const failures: { path: string; error: unknown }[] = [];
  // A log may become an archive meanwhile, and then is none any more.
  for (const kind of ['draft', 'log', 'archive'] as const) {
    for (const file of dailyLogFiles(dir, true).filter((one) => one.kind === kind)) {
      await eraseFrom(file, isErased).catch((error: unknown) => failures.push({ path: file.path, error }));
    }
  }
  if (failures.length > 0) throw erasureFailed(sessionId, failures);
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

function erasureFailed(
  sessionId: string,
  failures: readonly { path: string; error: unknown }[],
): SessionLoggerError {
  const files = failures.map(({ path }) => path);
  return new SessionLoggerError(
    'ERASURE_FAILED',
    `Lines of session ${sessionId} may still be in ${files.join(', ')}: ${messageOf(failures[0]!.error)}. ` +
      'See that the files can be written and are whole, and delete the session again.',
    { cause: failures[0]!.error, details: { files } },
  );
}
