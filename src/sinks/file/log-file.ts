import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../session-logger.errors.js';
import { appendLinesSync } from './append-lines.js';
import { RETRY_MS } from './confirming-fs.js';
import { newestFileOfToday } from './log-directory.js';
import { RotatingFile, type RotatingFileOptions } from './rotating-file.js';
import { UnwrittenLines, wholeLines } from './unwritten-lines.js';

/**
 * The log file of the day, made anew whenever it was lost: by an error, or as somebody renamed or removed it.
 * Tries until its lines are written.
 */
export class LogFile {
  private file: RotatingFile | undefined;
  private trouble: unknown;
  /** What the batch in hand has still to be written, where that failed and is tried again with another file. */
  private waiting: readonly string[] = [];
  /** What went wrong when a file was closed that another one has followed. */
  private closeError: unknown;
  private readonly lastTry = new AbortController();

  constructor(private readonly options: RotatingFileOptions) {}

  /** Why the lines in hand are not written yet. */
  get failure(): unknown {
    return this.trouble ?? this.file?.failure;
  }

  /**
   * Resolves when the lines are in the file. One call at a time.
   *
   * @throws UnwrittenLines after {@link giveUp}
   */
  async append(lines: readonly string[]): Promise<void> {
    for (let rest = lines; rest.length > 0; rest = this.takeWaiting()) {
      try {
        await this.write(rest);
      } catch (error) {
        this.waiting = rest.slice(this.countWritten(rest));
        if (this.lastTry.signal.aborted) {
          throw new UnwrittenLines(lines.length - this.takeWaiting().length, error);
        }
        this.trouble = error;
        this.options.onFailure(error);
        await this.pause();
      }
    }
    this.trouble = undefined;
  }

  /**
   * Writes lines before it returns, and what waits before them; after {@link close}, too.
   *
   * @throws UnwrittenLines
   */
  appendSync(lines: readonly string[]): void {
    const { dir, utc, durable } = this.options;
    try {
      this.file?.finishSync();
    } catch (error) {
      throw new UnwrittenLines(0, error);
    }
    const before = this.takeWaiting();
    try {
      appendLinesSync(newestFileOfToday(dir, utc), [...before, ...lines], durable);
    } catch (error) {
      if (!(error instanceof UnwrittenLines)) throw error;
      this.waiting = before.slice(error.written);
      throw new UnwrittenLines(Math.max(0, error.written - before.length), error.cause);
    }
  }

  /**
   * Resolves when what was written has reached the disk.
   *
   * @throws what kept it from that, also of files that were closed since the last call
   */
  async sync(): Promise<void> {
    await this.file?.sync();
    const { closeError } = this;
    this.closeError = undefined;
    if (closeError !== undefined) throw new Error(messageOf(closeError), { cause: closeError });
  }

  /** Tries what could not be written once more, and then no longer. */
  giveUp(): void {
    this.lastTry.abort();
    this.file?.giveUp();
  }

  async close(): Promise<void> {
    const { file } = this;
    this.file = undefined;
    await file?.close();
  }

  private async write(lines: readonly string[]): Promise<void> {
    if (this.file?.failed || !(await this.file?.isInPlace())) {
      await this.close().catch((error: unknown) => (this.closeError ??= error));
    }
    this.file ??= new RotatingFile(this.options);
    if (this.lastTry.signal.aborted) this.file.giveUp();
    await this.file.write(lines.join('\n'));
    // What was written to a file without a name is gone.
    const isLinked = await this.file.isLinked().catch(() => true);
    if (!isLinked) await this.write(lines);
  }

  /** How many of `lines` were written whole before the write failed. */
  private countWritten(lines: readonly string[]): number {
    if (this.file?.failed !== true) return 0;
    const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    return wholeLines(lines, bytes - this.file.missing);
  }

  private takeWaiting(): readonly string[] {
    const { waiting } = this;
    this.waiting = [];
    return waiting;
  }

  private async pause(): Promise<void> {
    const { signal } = this.lastTry;
    await delay(RETRY_MS, undefined, { ref: false, signal }).catch(() => {});
  }
}
