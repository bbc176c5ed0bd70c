import { setTimeout as delay } from 'node:timers/promises';
import { RETRY_MS } from './confirming-fs.js';
import { RotatingFile, type RotatingFileOptions } from './rotating-file.js';

/** Lines that could not be written before the file was closed. */
export class UnwrittenLines extends Error {
  /** @param written how many lines of the batch are in the file */
  constructor(
    readonly written: number,
    cause: unknown,
  ) {
    super('the file was closed before it could be written', { cause });
  }
}

/**
 * The log file of the day, made anew whenever it was lost: by an error, or as somebody renamed or removed it.
 * Tries until its lines are written.
 */
export class LogFile {
  private file: RotatingFile | undefined;
  private trouble: unknown;
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
    for (let written = 0; ;) {
      try {
        await this.write(lines.slice(written));
        this.trouble = undefined;
        return;
      } catch (error) {
        written += this.countWritten(lines.slice(written));
        if (this.lastTry.signal.aborted) throw new UnwrittenLines(written, error);
        this.trouble = error;
        this.options.onFailure(error);
        await this.pause();
      }
    }
  }

  /** Resolves when what was written has reached the disk. */
  async sync(): Promise<void> {
    await this.file?.sync();
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
    if (this.file?.failed || !(await this.file?.isInPlace())) await this.close();
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
    const sizes = lines.map((line) => Buffer.byteLength(line) + 1);
    let left = sizes.reduce((sum, size) => sum + size, 0) - this.file.missing;
    const torn = sizes.findIndex((size) => (left -= size) < 0);
    return torn === -1 ? lines.length : torn;
  }

  private async pause(): Promise<void> {
    const { signal } = this.lastTry;
    await delay(RETRY_MS, undefined, { ref: false, signal }).catch(() => {});
  }
}
