import * as fs from 'node:fs';
import { resolve } from 'node:path';
import type { LogEntry } from '../../entry/log-entry.js';
import { SessionLoggerError, messageOf } from '../../session-logger.errors.js';
import type { FileSystem } from './confirming-fs.js';
import { eraseSession } from './erase-session.js';
import { FileArchive, isQuiet, QUIET_MS } from './file-archive.js';
import { dailyLogFiles, removeExpired } from './log-directory.js';
import { formatDropNotice, formatLine, type LineFormat } from './line-format.js';
import { LogFile } from './log-file.js';
import type { LogSink } from '../log-sink.interface.js';
import { UnwrittenLines } from './unwritten-lines.js';

/** How the daily log files are written. `files: false` in the module's options writes none. */
export interface DailyFileOptions {
  /** The directory, made where it is missing. Default: the environment's `LOGS_PATH`, else `logs`. */
  dir: string;
  /**
   * Days. A file is removed once its day lies more than this many days back, so that each line is kept for
   * at least this long: 7 keeps today and the 7 days before, 0 keeps today. Only files named like ours are
   * ever removed. Default 7; `false` keeps all.
   */
  retention: number | false;
  /**
   * `json`, one object a line; `text`, for people; or a function that makes a line of an entry, in which
   * control characters are written out. Where it throws, the entry is written as JSON. Default `json`.
   */
  format: LineFormat;
  /**
   * Bytes, or a number with `k`, `m` or `g` as in `'20m'`: a file that has grown larger is followed by
   * `YYYY-MM-DD.1.log` and so on. What is written at once is not split, so a file may be larger by a batch,
   * by 16 MiB or by one line. Numbers are rounded to kilobytes. Default and off: `undefined`, a file has any size.
   */
  maxSize: number | string | undefined;
  /**
   * Whether files are compressed to `.log.gz` once their day is over and nobody has written to them for ten
   * minutes, as another process may still hold them open. Default and off: `false`.
   */
  compress: boolean;
  /**
   * What a resolved `flush()` promises: `os`, that the operating system has the lines, so that they outlive the
   * process; `fsync`, that the disk has them, so that they outlive the machine. Default `os`.
   */
  durability: 'os' | 'fsync';
  /** Whether a day begins at midnight UTC rather than at local midnight. Default and off: `false`. */
  utc: boolean;
}

/** What a {@link DailyFileSink} tells of its troubles: which kind, what happened and what to do, the error. */
export type TellTrouble = (kind: string, what: string, error: unknown) => void;

/**
 * Writes each entry as a line to the file of the day on which it is written, `YYYY-MM-DD.log`. What cannot be
 * written waits and is tried again every second.
 */
export class DailyFileSink implements LogSink {
  readonly name = 'file';
  private readonly dir: string;
  private readonly archive = new FileArchive();
  private readonly file: LogFile;
  private drops = 0;
  private last: Promise<void> = Promise.resolve();
  private closed: Promise<void> | undefined;
  /** When files are looked at again that were too young to be compressed. */
  private tidying: NodeJS.Timeout | undefined;

  /**
   * Makes the directory.
   *
   * @param tell is told what goes wrong while nothing is lost
   * @param real the file system to write through, another one in tests
   * @throws SessionLoggerError `INVALID_OPTIONS` where the directory cannot be made or written
   */
  constructor(
    private readonly options: DailyFileOptions,
    private readonly tell: TellTrouble = () => {},
    real: FileSystem = fs,
  ) {
    this.dir = resolve(options.dir);
    prepareDirectory(this.dir);
    this.file = this.createFile(real);
  }

  /** Removes what is past the retention and compresses what is to be. */
  start(): void {
    this.tidyUp();
  }

  /** Why nothing can be written at present. */
  get failure(): unknown {
    return this.file.failure;
  }

  /**
   * Resolves when the lines have reached the file, however long that takes.
   *
   * @throws SessionLoggerError `CLOSED` after {@link close}; `WRITE_FAILED` where it was closed before it could
   *   write all, with how many it has `written` in its `details`
   */
  async write(entries: readonly LogEntry[]): Promise<void> {
    if (this.closed !== undefined) throw new SessionLoggerError('CLOSED', 'the log file is closed');
    if (entries.length === 0) return;
    const { lines, fail } = this.prepare(entries);
    const written = this.last.then(() => this.file.append(lines));
    this.last = written.catch(() => {});
    await written.catch(fail);
  }

  /** As {@link write}, before it returns; works after {@link close}, too. */
  writeSync(entries: readonly LogEntry[]): void {
    const { lines, fail } = this.prepare(entries);
    try {
      this.file.appendSync(lines);
    } catch (error) {
      fail(error);
    }
  }

  /** The next line in the file will tell of these. */
  dropped(count: number): void {
    this.drops += count;
  }

  /** Resolves when all writes begun before have settled; each told its own failure. */
  async flush(): Promise<void> {
    await this.last;
    if (this.options.durability === 'fsync') await this.file.sync();
  }

  /**
   * Overwrites all lines of a session with blanks, in all daily files of the directory, archives too.
   *
   * @throws SessionLoggerError `ERASURE_FAILED`, with the `files` that may still hold some in its `details`
   */
  async erase(sessionId: string): Promise<void> {
    await this.last;
    await this.archive.between(() => eraseSession(this.dir, sessionId));
  }

  /** Resolves when all files are closed; what cannot be written at once is given up. May be called again. */
  close(): Promise<void> {
    this.file.giveUp();
    this.closed ??= this.last.then(() => this.release());
    clearTimeout(this.tidying);
    return this.closed;
  }

  private createFile(real: FileSystem): LogFile {
    return new LogFile({
      dir: this.dir,
      maxSize: this.options.maxSize,
      utc: this.options.utc,
      durable: this.options.durability === 'fsync',
      fs: real,
      onOpen: () => this.tidyUp(),
      onFailure: (error) =>
        this.tell('file', 'The log file cannot be written; its lines wait and are tried again', error),
    });
  }

  /** The lines to write, and what is to be done where that fails. */
  private prepare(entries: readonly LogEntry[]): { lines: string[]; fail: (error: unknown) => never } {
    const { drops } = this;
    this.drops = 0;
    const notice = drops === 0 ? [] : [formatDropNotice(drops, this.options.format)];
    const fail = (error: unknown): never => {
      if (!(error instanceof UnwrittenLines)) throw error;
      if (error.written < notice.length) this.drops += drops;
      throw writeFailed(entries.length, Math.max(0, error.written - notice.length), error.cause);
    };
    return { lines: [...notice, ...this.linesOf(entries)], fail };
  }

  private linesOf(entries: readonly LogEntry[]): string[] {
    return entries.map((entry) => formatLine(entry, this.options.format, this.onFormatError));
  }

  private readonly onFormatError = (error: unknown): void =>
    this.tell('format', 'files.format threw; its line was written as JSON', error);

  private async release(): Promise<void> {
    await this.file.close();
    await this.archive.allFinished();
  }

  /** Files of today are left: by their names the next process knows how to number its own. */
  private tidyUp(): void {
    const { retention, utc, compress } = this.options;
    removeExpired(this.dir, retention, utc);
    if (!compress) return;
    const old = dailyLogFiles(this.dir, utc).filter(({ age, kind }) => age > 0 && kind === 'log');
    const quiet = old.filter(({ path }) => isQuiet(path));
    for (const { path } of quiet) this.archive.add(path);
    if (quiet.length < old.length) this.tidyUpLater();
  }

  private tidyUpLater(): void {
    clearTimeout(this.tidying);
    if (this.closed === undefined) this.tidying = setTimeout(() => this.tidyUp(), QUIET_MS).unref();
  }
}

function writeFailed(count: number, written: number, cause: unknown): SessionLoggerError {
  return new SessionLoggerError(
    'WRITE_FAILED',
    `The log file could not take ${count - written} of ${count} entries: ${messageOf(cause)}. ` +
      'Make room and see that the directory can be written.',
    { cause, details: { written } },
  );
}

/** Really tries, as a file stream would tell only later. */
function prepareDirectory(dir: string): void {
  // eslint-disable-next-line no-control-regex -- these are what winston-daily-rotate-file refuses or replaces
  if (/["<>|\x00-\x1f]|%DATE%/.test(dir))
    throw directoryError(dir, 'it contains " < > |, a control character or %DATE%');
  try {
    fs.mkdirSync(dir, { recursive: true });
    fs.accessSync(dir, fs.constants.W_OK | fs.constants.X_OK);
  } catch (error) {
    throw directoryError(dir, messageOf(error), error);
  }
}

function directoryError(dir: string, reason: string, cause?: unknown): SessionLoggerError {
  return new SessionLoggerError(
    'INVALID_OPTIONS',
    `files.dir: cannot write log files to ${JSON.stringify(dir)}: ${reason}. ` +
      'Set it to a directory that this process can create and write, or set files: false; ' +
      "with onSinkFailure: 'degrade' the application starts without a file.",
    { cause },
  );
}
