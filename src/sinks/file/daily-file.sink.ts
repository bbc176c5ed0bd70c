import * as fs from 'node:fs';
import { resolve } from 'node:path';
import type { LogEntry } from '../../entry/log-entry.js';
import { SessionLoggerError, messageOf } from '../../session-logger.errors.js';
import type { FileSystem } from './confirming-fs.js';
import { FileArchive } from './file-archive.js';
import { dailyLogFiles, removeExpired } from './file-retention.js';
import { formatLine, type LineFormat } from './line-format.js';
import type { LogSink } from '../log-sink.interface.js';
import { RotatingFile } from './rotating-file.js';

/** Where log files go unless the options say otherwise: the environment's `LOGS_PATH`, else `logs`. */
export const DEFAULT_LOGS_DIR: string = defaultLogsDir();

/** {@link DEFAULT_LOGS_DIR} as it is now: an .env file may have been read since this package was loaded. */
export function defaultLogsDir(): string {
  return process.env['LOGS_PATH'] || 'logs';
}

/** How the daily log files are written. `files: false` in the module's options writes none. */
export interface DailyFileOptions {
  /** The directory, made where it is missing. Default: {@link DEFAULT_LOGS_DIR}. */
  dir: string;
  /**
   * Days. A file is removed once its day lies more than this many days back, so that each line is kept for
   * at least this long: 7 keeps today and the 7 days before, 0 keeps today. Only files named like ours are
   * ever removed. Default 7; `false` keeps all.
   */
  retention: number | false;
  /** `json`, one object a line, or `text`, for people. Default `json`. */
  format: LineFormat;
  /**
   * Bytes, or a number with `k`, `m` or `g` as in `'20m'`: a file that has grown larger is followed by
   * `YYYY-MM-DD.1.log` and so on. A batch is not split, so a file may be larger by one. Numbers are rounded
   * to kilobytes. Default and off: `undefined`, a file has any size.
   */
  maxSize: number | string | undefined;
  /** Whether files are compressed to `.log.gz` once another follows them. Default and off: `false`. */
  compress: boolean;
  /** Whether a day begins at midnight UTC rather than at local midnight. Default and off: `false`. */
  utc: boolean;
}

/**
 * Writes each entry as a line to the file of the day on which it is written, `YYYY-MM-DD.log`.
 * After a failed write, of which a part may have reached the file, the next one starts afresh.
 */
export class DailyFileSink implements LogSink {
  readonly name = 'file';
  private readonly dir: string;
  private readonly archive = new FileArchive();
  private file: RotatingFile | undefined;
  private last: Promise<void> = Promise.resolve();
  private closed: Promise<void> | undefined;

  /**
   * Makes the directory and removes what is past the retention.
   *
   * @param real the file system to write through, another one in tests
   * @throws SessionLoggerError `INVALID_OPTIONS` where the directory cannot be made or written
   */
  constructor(
    private readonly options: DailyFileOptions,
    private readonly real: FileSystem = fs,
  ) {
    this.dir = resolve(options.dir);
    prepareDirectory(this.dir);
    this.removeExpired();
    if (options.compress) this.compressEarlierDays();
  }

  /**
   * Resolves when the lines have reached the file; rejects with the file system's error.
   *
   * @throws SessionLoggerError `CLOSED` after {@link close}
   */
  async write(entries: readonly LogEntry[]): Promise<void> {
    if (this.closed !== undefined) throw new SessionLoggerError('CLOSED', 'the log file is closed');
    if (entries.length === 0) return;
    const written = this.last.then(() => this.append(entries));
    this.last = written.catch(() => {});
    await written;
  }

  /** Resolves when all writes begun before have settled; each told its own failure. */
  flush(): Promise<void> {
    return this.last;
  }

  /** Resolves when all files are closed and compressed. May be called again. */
  close(): Promise<void> {
    this.closed ??= this.last.then(() => this.release());
    return this.closed;
  }

  private async append(entries: readonly LogEntry[]): Promise<void> {
    const text = entries.map((entry) => formatLine(entry, this.options.format)).join('\n');
    if (this.file?.failed) await this.closeFile();
    this.file ??= this.open();
    await this.file.write(text);
  }

  private open(): RotatingFile {
    return new RotatingFile({
      dir: this.dir,
      maxSize: this.options.maxSize,
      utc: this.options.utc,
      fs: this.real,
      ready: (path) => this.archive.finished(path),
      onOpen: () => this.removeExpired(),
      onRotate: (path) => {
        if (this.options.compress) this.archive.add(path);
      },
    });
  }

  private async closeFile(): Promise<void> {
    const file = this.file;
    this.file = undefined;
    await file?.close();
  }

  private async release(): Promise<void> {
    await this.closeFile();
    await this.archive.allFinished();
  }

  private removeExpired(): void {
    removeExpired(this.dir, this.options.retention, this.options.utc);
  }

  /** Files that no rotation of this process will reach, as an earlier one left them. */
  private compressEarlierDays(): void {
    for (const file of dailyLogFiles(this.dir, this.options.utc)) {
      if (file.age > 0 && !file.compressed) this.archive.add(file.path);
    }
  }
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
      'Set it to a directory that this process can create and write, or set files: false.',
    { cause },
  );
}
