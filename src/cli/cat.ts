import { readdir } from 'node:fs/promises';
import { DEFAULT_TOKENS } from '../entry/special-tokens.js';
import { LogEntry } from '../entry/log-entry.js';
import { SegmentReducer } from '../segments/segment-reducer.js';
import { messageOf } from '../session-logger.errors.js';
import { readLogFilesTold, type LogFileEntry } from '../sinks/file/read-log-files.js';
import type { Arguments } from './arguments.js';
import type { Context } from './context.js';
import { jsonLine } from './json-line.js';
import { ProgressBar } from './progress-bar.js';
import { SegmentPrinter } from './segment-printer.js';
import { WholeLines } from './whole-lines.js';

/**
 * Reads a session back from the daily files of a directory.
 *
 * @returns the exit code: 0, or 1 where there is nothing of that session
 * @throws Error where the directory cannot be read
 */
export async function cat(args: Arguments, { output, notes, signal }: Context): Promise<number> {
  const { target: dir, session: sessionId, since } = args;
  await checkDirectory(dir);
  const bar = new ProgressBar(notes, output);
  const entries = readLogFilesTold(
    { dir, sessionId, ...(since !== undefined && { from: new Date(since) }) },
    (read, total) => {
      signal.throwIfAborted();
      bar.show(read, total);
    },
  );
  const lines = new WholeLines();
  const write = async (text: string): Promise<void> => {
    bar.makeRoom(text);
    await output.write(text);
  };
  const reducer = new SegmentReducer(DEFAULT_TOKENS);
  const printer = new SegmentPrinter({ colors: output.colors, filter: args.filter });
  let count = 0;
  try {
    for await (const entry of entries) {
      signal.throwIfAborted();
      count++;
      await write(lines.push(args.json ? jsonLine(entry, args) : textOf(entry, count, reducer, printer)));
    }
    await write(lines.rest() + printer.freshLine());
  } finally {
    bar.hide();
  }
  if (entries.skipped > 0)
    await notes.write(
      `-- passed over, as torn or no entry: ${entries.skipped} ${entries.skipped === 1 ? 'line' : 'lines'}\n`,
    );
  if (count > 0) return 0;
  await notes.write(`There is nothing of session ${sessionId} in ${dir}.\n`);
  return 1;
}

async function checkDirectory(dir: string): Promise<void> {
  await readdir(dir).catch((error: unknown) => {
    throw new Error(`${dir} cannot be read: ${messageOf(error)}. Give the directory of the daily files.`);
  });
}

/** What a file has is an entry without a position: any that is its own will do. */
function textOf(
  entry: LogFileEntry,
  count: number,
  reducer: SegmentReducer,
  printer: SegmentPrinter,
): string {
  const { uid, sessionId, message, timestamp, logType, level, context, data } = entry;
  const record = new LogEntry(uid, sessionId, message, timestamp, logType, level, context, data);
  return reducer
    .push(Object.assign(record, { id: `file-${count}` }))
    .map((change) => printer.print(change))
    .join('');
}
