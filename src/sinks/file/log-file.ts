import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../session-logger.errors.js';
import { appendLinesSync } from './append-lines.js';
import { RETRY_MS } from './confirming-fs.js';
import { dayOf, newestFileOfToday } from './log-directory.js';
import { RotatingFile, type RotatingFileOptions } from './rotating-file.js';
import { firstLines, UnwrittenLines, wholeLines } from './unwritten-lines.js';

/**
 * The log file of the day, made anew each day and whenever it was lost: by an error, or as somebody renamed or
 * removed it. Tries until its lines are written.
 */
export class LogFile {
  private file: RotatingFile | undefined;
  private trouble: unknown;
  /** What of the batch in hand is not known to be written. Another array as soon as anybody has written of it. */
  private rest: readonly string[] = [];
  /** Whether the first lines of that are with the operating system, or wait to be tried again. */
  private isHandedOn = false;
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
    this.rest = lines;
    while (this.rest.length > 0) {
      await this.writeFirst(this.rest).catch(async (error: unknown) => {
        if (this.rest.length === 0) return;
        if (this.lastTry.signal.aborted) throw this.givenUp(lines, error);
        await this.tryAgainLater(error);
      });
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
    const before = this.takeOver();
    try {
      appendLinesSync(newestFileOfToday(dir, utc), [...before, ...lines], durable);
      if (before.length > 0) this.trouble = undefined;
    } catch (error) {
      if (!(error instanceof UnwrittenLines)) throw error;
      if (before.length > 0) this.handBack(before.slice(error.written), error.cause);
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

  /** Writes the first of the lines in hand, unless {@link appendSync} comes before it. */
  private async writeFirst(rest: readonly string[]): Promise<void> {
    const first = firstLines(rest);
    let written = 0;
    try {
      await this.leaveOldFile();
      if (this.rest !== rest) return;
      await this.handOn(first);
      // What was written to a file without a name is gone.
      if (await this.file?.isLinked().catch(() => true)) written = first.length;
    } catch (error) {
      written = this.countWritten(first);
      throw error;
    } finally {
      this.isHandedOn = false;
      if (this.rest === rest) this.rest = rest.slice(written);
    }
  }

  /** The library would go on numbering the files of the day before. */
  private async leaveOldFile(): Promise<void> {
    const isInPlace = this.file?.failed === false && (await this.file.isInPlace());
    if (isInPlace && this.file?.day === dayOf(new Date(), this.options.utc)) return;
    await this.close().catch((error: unknown) => (this.closeError ??= error));
  }

  private async handOn(lines: readonly string[]): Promise<void> {
    this.file ??= new RotatingFile(this.options);
    if (this.lastTry.signal.aborted) this.file.giveUp();
    this.isHandedOn = true;
    await this.file.write(lines.join('\n'));
  }

  private givenUp(lines: readonly string[], error: unknown): UnwrittenLines {
    const { rest } = this;
    this.rest = [];
    return new UnwrittenLines(lines.length - rest.length, error);
  }

  private async tryAgainLater(error: unknown): Promise<void> {
    this.trouble = error;
    this.options.onFailure(error);
    const { signal } = this.lastTry;
    await delay(RETRY_MS, undefined, { ref: false, signal }).catch(() => {});
  }

  /** The lines in hand but for those that are written, or that the operating system is just writing. */
  private takeOver(): readonly string[] {
    const { rest } = this;
    if (this.isHandedOn && this.file?.takeBack() !== true) return [];
    const written = this.isHandedOn ? this.countWritten(firstLines(rest)) : 0;
    this.isHandedOn = false;
    this.rest = [];
    return rest.slice(written);
  }

  private handBack(rest: readonly string[], error: unknown): void {
    this.rest = rest;
    if (rest.length > 0) this.trouble = error;
  }

  /** How many of `lines` were written whole before the write failed. */
  private countWritten(lines: readonly string[]): number {
    if (this.file?.failed !== true) return 0;
    const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    return wholeLines(lines, bytes - this.file.missing);
  }
}
