import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { LogEntry } from '../../entry/log-entry.js';
import { SessionLoggerError } from '../../session-logger.errors.js';
import { defaultLogsDir } from './default-logs-dir.js';
import { logFilesInOrder } from './log-directory.js';
import { linesOfLog } from './log-lines.js';

/** `}`: what ends in it was not torn. */
const CLOSING_BRACE = 0x7d;

/** An entry as a daily file has it: without a position. */
export type LogFileEntry = Omit<LogEntry, 'id'> & {
  /** False for a line of the application that no reader of its session was given. */
  readonly stream?: false;
};

/** Which entries are read from the daily files. */
export interface ReadLogFilesOptions {
  /** The directory of the files. Default: the environment's `LOGS_PATH`, else `logs`. */
  dir?: string | undefined;
  /** Only the entries of this session. */
  sessionId?: string | undefined;
  /** Only entries with this timestamp or a later one: ISO 8601 or a Date. */
  from?: string | Date | undefined;
  /** Only entries with an earlier timestamp: ISO 8601 or a Date. */
  to?: string | Date | undefined;
}

/** The entries of daily files, in the order in which they were written. */
export interface LogFileReader extends AsyncIterable<LogFileEntry> {
  /** Lines passed over so far by the iteration begun last: torn by a crash, or no entries. */
  readonly skipped: number;
}

/**
 * Reads entries back from daily files of format `json`, compressed ones too, the oldest file first, one line
 * at a time. Lines torn by a crash are passed over and counted. A file that is removed meanwhile is passed over.
 *
 * ```ts
 * for await (const { message } of readLogFiles({ sessionId: 'chat-1' })) process.stdout.write(message);
 * ```
 *
 * @throws SessionLoggerError `INVALID_READ_OPTION` at the call, where `from` or `to` is no time
 */
export function readLogFiles(options: ReadLogFilesOptions = {}): LogFileReader {
  return readLogFilesTold(options, () => {});
}

/** Is told how many bytes of all files have been read. What it throws ends the reading. */
export type OnProgress = (read: number, total: number) => void;

/** As {@link readLogFiles}, and tells how far it is. */
export function readLogFilesTold(options: ReadLogFilesOptions, onProgress: OnProgress): LogFileReader {
  const dir = resolve(options.dir ?? defaultLogsDir());
  const logs = (): LogFilesEnd => new Map(logFilesInOrder(dir).map((path) => [path, Infinity]));
  return new DailyFilesReader(logs, wantedBy(options), foreignTo(options.sessionId), onProgress);
}

/** The logs of a directory in order, each with the bytes that it had at one time. */
export type LogFilesEnd = ReadonlyMap<string, number>;

/** Where the daily files of a directory end at present. */
export function endOfLogFiles(dir: string): LogFilesEnd {
  const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? Infinity;
  return new Map(logFilesInOrder(resolve(dir)).map((path) => [path, sizeOf(path)]));
}

/** As {@link readLogFiles}: a session's entries, but for what was written behind an `end`. */
export function readLogFilesTo(end: LogFilesEnd, sessionId: string): LogFileReader {
  return new DailyFilesReader(() => end, wantedBy({ sessionId }), foreignTo(sessionId));
}

class DailyFilesReader implements LogFileReader {
  skipped = 0;

  constructor(
    private readonly logs: () => LogFilesEnd,
    private readonly isWanted: (entry: LogFileEntry) => boolean,
    private readonly isForeign: (line: Buffer) => boolean,
    private readonly onProgress: OnProgress = () => {},
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<LogFileEntry, undefined> {
    this.skipped = 0;
    const logs = [...this.logs()].map(([path, end]) => ({ path, end, bytes: bytesOnDisk(path) }));
    const total = logs.reduce((sum, { bytes }) => sum + bytes, 0);
    let before = 0;
    for (const { path, end, bytes } of logs) {
      // A log may grow, or be read with its archive.
      const onRead = (read: number): void => this.onProgress(before + Math.min(read, bytes), total);
      for await (const line of linesOfLog(path, end, onRead)) {
        if (line !== undefined && this.isForeign(line)) continue;
        const read = parseLine(line);
        if (read === 'torn') this.skipped++;
        else if (read !== 'notice' && this.isWanted(read)) yield read;
      }
      before += bytes;
    }
  }
}

/** Of a log or, where only that is there, of its archive. */
function bytesOnDisk(path: string): number {
  const sizeOf = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.size;
  return sizeOf(path) ?? sizeOf(`${path}.gz`) ?? 0;
}

/** A notice is what the file says of itself, such as that entries were dropped. */
function parseLine(line: Buffer | undefined): LogFileEntry | 'torn' | 'notice' {
  const text = line?.toString() ?? '';
  // Lines of a session that was deleted are blank.
  if (text !== '' && text.trim() === '') return 'notice';
  try {
    const value = JSON.parse(text) as Partial<LogFileEntry> | null;
    if (typeof value?.uid !== 'string') return value?.context === 'SessionLogger' ? 'notice' : 'torn';
    // A line of the application that was logged outside of a session has none.
    return { ...value, sessionId: value.sessionId ?? '' } as LogFileEntry;
  } catch {
    return 'torn';
  }
}

/** A look at the bytes, which costs a tenth of reading the line: that of a session has the session's id in it. */
function foreignTo(sessionId: string | undefined): (line: Buffer) => boolean {
  if (sessionId === undefined) return () => false;
  const text = JSON.stringify(sessionId);
  return (line) => line.at(-1) === CLOSING_BRACE && !line.includes(text);
}

function wantedBy({ sessionId, from, to }: ReadLogFilesOptions): (entry: LogFileEntry) => boolean {
  const begin = timeOf('from', from) ?? -Infinity;
  const end = timeOf('to', to) ?? Infinity;
  return (entry) => {
    if (sessionId !== undefined && entry.sessionId !== sessionId) return false;
    const time = Date.parse(entry.timestamp);
    return time >= begin && time < end;
  };
}

function timeOf(option: string, value: string | Date | undefined): number | undefined {
  if (value === undefined) return undefined;
  const time = new Date(value).getTime();
  if (!Number.isNaN(time)) return time;
  throw new SessionLoggerError(
    'INVALID_READ_OPTION',
    `readLogFiles: ${option} is ${JSON.stringify(value)}; expected a Date or ISO 8601 such as 2026-11-22T14:26:00Z.`,
    { details: { option } },
  );
}
