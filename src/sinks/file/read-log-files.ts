import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createGunzip } from 'node:zlib';
import type { LogEntry } from '../../entry/log-entry.js';
import { SessionLoggerError } from '../../session-logger.errors.js';
import { defaultLogsDir } from './daily-file.sink.js';
import { logFilesInOrder } from './log-directory.js';
import { LineSplitter } from './line-splitter.js';

/** A longer line is no entry of ours, and would have to be held in memory: 256 MiB. */
const MAX_LINE_BYTES = 256 * 1024 * 1024;

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
  const dir = resolve(options.dir ?? defaultLogsDir());
  const logs = (): LogFilesEnd => new Map(logFilesInOrder(dir).map((path) => [path, Infinity]));
  return new DailyFilesReader(logs, wantedBy(options), foreignTo(options.sessionId));
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
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<LogFileEntry, undefined> {
    this.skipped = 0;
    for (const [path, size] of this.logs()) {
      for await (const line of linesOfLog(path, size)) {
        if (line !== undefined && this.isForeign(line)) continue;
        const read = parseLine(line);
        if (read === 'torn') this.skipped++;
        else if (read !== 'notice' && this.isWanted(read)) yield read;
      }
    }
  }
}

/** The lines of a log and of its archive, each once: it may be compressed meanwhile, or have been in part. */
async function* linesOfLog(path: string, size: number): AsyncGenerator<Buffer | undefined> {
  const archive = `${path}.gz`;
  if ((await archivedBytes(path, archive)) !== undefined) {
    if (!(yield* linesOf(path, 0, size))) yield* linesOf(archive);
    return;
  }
  yield* linesOf(archive);
  // What was missing may be there by now, with the same lines once more at its beginning.
  yield* linesOf(path, await archivedBytes(path, archive), size);
}

/** @returns whether the file is there */
async function* linesOf(
  path: string,
  start = 0,
  end = Infinity,
): AsyncGenerator<Buffer | undefined, boolean> {
  const splitter = new LineSplitter(MAX_LINE_BYTES);
  let left = Math.max(0, end - start);
  try {
    for await (const chunk of bytesOf(path, start)) {
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
    const archived = await digest(bytesOf(archive)).catch(noneIfMissing);
    if (archived.bytes === 0) return 0;
    const begin = await digest(createReadStream(path, { end: archived.bytes - 1 }));
    return archived.hash === begin.hash ? archived.bytes : undefined;
  } catch (error) {
    if (isMissing(error) || isDamage(error)) return undefined;
    throw error;
  }
}

async function digest(chunks: AsyncIterable<Buffer>): Promise<{ bytes: number; hash: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, hash: hash.digest('hex') };
}

function noneIfMissing(error: unknown): { bytes: number; hash: string } {
  if (isMissing(error)) return { bytes: 0, hash: '' };
  throw error;
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function isDamage(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code?.startsWith('Z_') === true;
}

function bytesOf(path: string, start = 0): AsyncIterable<Buffer> {
  const file = createReadStream(path, { start });
  if (!path.endsWith('.gz')) return file;
  const gunzip = createGunzip();
  file.on('error', (error) => gunzip.destroy(error));
  gunzip.on('close', () => file.destroy());
  return file.pipe(gunzip);
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
