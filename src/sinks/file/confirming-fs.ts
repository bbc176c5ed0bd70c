import { closeSync, fstatSync } from 'node:fs';
import type * as fs from 'node:fs';
import { promisify } from 'node:util';
import { endTornLine, removeTornLine, tornLine } from './append-lines.js';

/** What a log file asks of the file system. */
export type FileSystem = Pick<
  typeof fs,
  'open' | 'write' | 'close' | 'fstat' | 'fsync' | 'stat' | 'ftruncateSync'
>;

type Callback<T> = (error: Error | null, value?: T) => void;
type WriteCallback = (error: Error | null, written: number, buffer: Buffer) => void;

interface Awaited {
  readonly bytes: number;
  left: number;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** What a {@link ConfirmingFs} heeds, and whom it tells. */
export interface ConfirmingFsOptions {
  /** Whether a file has to be on the disk before it is closed. */
  readonly durable: boolean;
  /** Each error of a write that is tried again. */
  readonly onFailure: (error: unknown) => void;
}

/** A file that is open. */
interface OpenFile {
  readonly fd: number;
  readonly path: string;
  readonly stats: fs.Stats;
}

/** A write of the stream. */
interface Write {
  readonly fd: number;
  readonly buffer: Buffer;
  readonly offset: number;
  readonly length: number;
  /** Bytes that the file has taken. */
  written: number;
  readonly callback: WriteCallback;
}

/** A write that failed and waits to be tried again. */
interface Retry {
  readonly timer: NodeJS.Timeout;
  readonly write: Write;
  readonly error: Error;
}

/** How long it waits before it tries a write again that has failed, in milliseconds. */
export const RETRY_MS = 1_000;

/**
 * The `fs` of a file stream that tells when bytes have reached the file and when all files are closed again,
 * because winston-daily-rotate-file tells neither. A write that fails is tried again from the line at which it
 * stopped; until then the file ends in a whole line, so that others can write to it, too. The stream, which
 * would not survive the error, takes it for a slow one. A file that it opens must allow reading (`a+`): where
 * the last line was torn by a crash, it is ended first.
 */
export class ConfirmingFs {
  /** Why the write in hand has not succeeded yet. */
  failure: Error | undefined;
  private awaited: Awaited | undefined;
  private current: OpenFile | undefined;
  private retry: Retry | undefined;
  private openFiles = 0;
  /** Files that another one has followed. */
  private readonly closing = new Set<Promise<void>>();
  /** What went wrong with one of them and has not been told. */
  private closeError: Error | undefined;
  private onIdle: (() => void) | undefined;
  private isLastTry = false;

  /**
   * @param real the file system underneath
   */
  constructor(
    private readonly real: FileSystem,
    private readonly options: ConfirmingFsOptions,
  ) {}

  /** Resolves when the next `bytes` bytes are written; rejects by {@link fail}. One at a time. */
  confirm(bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.awaited = { bytes, left: bytes, resolve, reject };
    });
  }

  /** Rejects what {@link confirm} waits for; returns how many bytes of it were missing. */
  fail(error: unknown): number {
    const { awaited } = this;
    this.awaited = undefined;
    this.failure = undefined;
    awaited?.reject(error);
    return awaited?.left ?? 0;
  }

  /** Whether the file's path still leads to it: it may have been renamed or removed. */
  async isInPlace(): Promise<boolean> {
    if (this.current === undefined) return true;
    const { path, stats } = this.current;
    const found = await promisify(this.real.stat)(path).catch(() => undefined);
    return found !== undefined && found.ino === stats.ino && found.dev === stats.dev;
  }

  /** Whether the file still has a name: what is written to one that has none is gone. */
  async isLinked(fd = this.current?.fd): Promise<boolean> {
    return fd === undefined || (await promisify(this.real.fstat)(fd)).nlink > 0;
  }

  /** Resolves when what was written has reached the disk. */
  async sync(): Promise<void> {
    await Promise.all(this.closing);
    if (this.current !== undefined) await promisify(this.real.fsync)(this.current.fd);
    this.throwCloseError();
  }

  /** Tries a write that failed once more, and then no longer. */
  giveUp(): void {
    this.isLastTry = true;
    this.tryNow();
  }

  /** Gives up the write that waits to be tried again, for the caller to write its lines; returns its error. */
  takeBack(): Error | undefined {
    const retry = this.clearRetry();
    if (retry !== undefined) this.abandon(retry);
    return retry?.error;
  }

  /**
   * Resolves when no file is open.
   *
   * @throws what went wrong when a file was closed, if {@link sync} has not told it
   */
  async allClosed(): Promise<void> {
    if (this.openFiles > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
    this.throwCloseError();
  }

  /** As `fs.open`, for the stream. */
  open(path: string, flags: string, mode: number, callback: Callback<number>): void {
    this.openFiles++;
    this.openWhole(path, flags, mode).then(
      (fd) => callback(null, fd),
      (error: Error) => {
        this.countClosed();
        callback(error);
      },
    );
  }

  /** As `fs.write`, for the stream. */
  write(
    fd: number,
    buffer: Buffer,
    offset: number,
    length: number,
    _position: number | null,
    callback: WriteCallback,
  ): void {
    this.attempt({ fd, buffer, offset, length, written: 0, callback });
  }

  /** As `fs.close`, for the stream. */
  close(fd: number, callback: Callback<void>): void {
    if (this.current?.fd === fd) this.current = undefined;
    const closing = this.closeFile(fd);
    this.closing.add(closing);
    void closing.finally(() => {
      this.closing.delete(closing);
      this.countClosed();
      // Without its error, which the stream would take for one of the file that follows.
      callback(null);
    });
  }

  private async closeFile(fd: number): Promise<void> {
    try {
      if (this.options.durable) await promisify(this.real.fsync)(fd);
    } catch (error) {
      this.closeError ??= error as Error;
    }
    await promisify(this.real.close)(fd).catch((error: Error) => (this.closeError ??= error));
  }

  private async openWhole(path: string, flags: string, mode: number): Promise<number> {
    const fd = await promisify(this.real.open)(path, flags, mode);
    try {
      endTornLine(fd);
      this.current = { fd, path, stats: fstatSync(fd) };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    return fd;
  }

  private attempt(write: Write): void {
    this.real.write(write.fd, write.buffer, ...restOf(write), null, (error, written) => {
      if (error !== null) return this.fellShort(write, error);
      this.countWritten(write, written);
      if (write.written < write.length) this.attempt(write);
      else this.finish(write);
    });
  }

  private finish(write: Write): void {
    this.failure = undefined;
    write.callback(null, write.length, write.buffer);
  }

  private fellShort(write: Write, error: NodeJS.ErrnoException): void {
    this.failure = error;
    this.setBack(write);
    this.options.onFailure(error);
    if (this.isLastTry || error.code === 'EBADF') return write.callback(error, 0, write.buffer);
    this.retry = { timer: setTimeout(() => this.tryNow(), RETRY_MS).unref(), write, error };
  }

  /** To the end of the last line that the file has whole: in the middle of one, others would write behind it. */
  private setBack(write: Write): void {
    const torn = tornLine(write.buffer.subarray(write.offset, write.offset + write.written));
    this.countWritten(write, -torn.length);
    removeTornLine(write.fd, torn, this.real.ftruncateSync);
  }

  private tryNow(): void {
    const retry = this.clearRetry();
    if (retry === undefined) return;
    const { write } = retry;
    if (!hasName(write.fd)) return this.abandon(retry);
    try {
      endTornLine(write.fd);
    } catch (error) {
      return this.fellShort(write, error as Error);
    }
    this.attempt(write);
  }

  private abandon({ write, error }: Retry): void {
    // What a file without a name has taken is gone; to write on would never free the space of it.
    if (this.awaited !== undefined && !hasName(write.fd)) this.awaited.left = this.awaited.bytes;
    write.callback(error, 0, write.buffer);
  }

  private clearRetry(): Retry | undefined {
    const { retry } = this;
    clearTimeout(retry?.timer);
    this.retry = undefined;
    return retry;
  }

  private countWritten(write: Write, bytes: number): void {
    write.written += bytes;
    if (this.awaited === undefined) return;
    this.awaited.left -= bytes;
    if (this.awaited.left > 0) return;
    this.awaited.resolve();
    this.awaited = undefined;
  }

  private throwCloseError(): void {
    const { closeError } = this;
    this.closeError = undefined;
    if (closeError !== undefined) throw closeError;
  }

  private countClosed(): void {
    this.openFiles--;
    if (this.openFiles === 0) this.onIdle?.();
  }
}

/** Whether the file has a name, as far as the file system can tell. */
function hasName(fd: number): boolean {
  try {
    return fstatSync(fd).nlink > 0;
  } catch {
    return true;
  }
}

/** Where the bytes begin that the file has not taken, and how many there are. */
function restOf({ offset, length, written }: Write): [number, number] {
  return [offset + written, length - written];
}
