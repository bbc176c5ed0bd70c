import { closeSync, fstatSync } from 'node:fs';
import type * as fs from 'node:fs';
import { promisify } from 'node:util';
import { messageOf } from '../../session-logger.errors.js';
import { endTornLine } from './torn-line.js';

/** What a log file asks of the file system. */
export type FileSystem = Pick<typeof fs, 'open' | 'write' | 'close' | 'fstat' | 'fsync' | 'stat'>;

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

/** A write that failed and is tried again. */
interface Retry {
  readonly timer: NodeJS.Timeout;
  readonly again: () => void;
}

/** How long it waits before it tries a write again that has failed, in milliseconds. */
export const RETRY_MS = 1_000;

/**
 * The `fs` of a file stream that tells when bytes have reached the file and when all files are closed again,
 * because winston-daily-rotate-file tells neither. A write that fails is tried again where it stopped, so that
 * a full disk tears no line; the stream, which would not survive the error, takes it for a slow one. A file
 * that it opens must allow reading (`a+`): where the last line was torn by a crash, it is ended first.
 */
export class ConfirmingFs {
  /** Why the write in hand has not succeeded yet. */
  failure: unknown;
  private awaited: Awaited | undefined;
  private current: OpenFile | undefined;
  private retry: Retry | undefined;
  private openFiles = 0;
  /** Files that another one has followed. */
  private readonly closing = new Set<Promise<void>>();
  /** What went wrong with one of them since the last {@link sync}. */
  private closeError: unknown;
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
    const { closeError } = this;
    this.closeError = undefined;
    if (closeError !== undefined) throw new Error(messageOf(closeError), { cause: closeError });
  }

  /** Tries a write that failed once more, and then no longer. */
  giveUp(): void {
    this.isLastTry = true;
    if (this.retry === undefined) return;
    clearTimeout(this.retry.timer);
    this.retry.again();
  }

  /** Resolves when no file is open. */
  async allClosed(): Promise<void> {
    if (this.openFiles === 0) return;
    await new Promise<void>((resolve) => {
      this.onIdle = resolve;
    });
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
    position: number | null,
    callback: WriteCallback,
  ): void {
    this.real.write(fd, buffer, offset, length, position, (error, written, data) => {
      if (error !== null) {
        const again = (): void => this.write(fd, buffer, offset, length, position, callback);
        return this.tryAgain(fd, error, again, () => callback(error, 0, data));
      }
      this.failure = undefined;
      this.countWritten(written);
      callback(null, written, data);
    });
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
      this.closeError ??= error;
    }
    await promisify(this.real.close)(fd).catch((error: unknown) => (this.closeError ??= error));
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

  /** A file without a name is given up: it would never free the space that its removal was to free. */
  private tryAgain(fd: number, error: NodeJS.ErrnoException, again: () => void, giveUp: () => void): void {
    this.failure = error;
    this.options.onFailure(error);
    if (this.isLastTry || error.code === 'EBADF') return giveUp();
    const next = async (): Promise<void> => {
      this.retry = undefined;
      if (await this.isLinked(fd).catch(() => true)) return again();
      if (this.awaited !== undefined) this.awaited.left = this.awaited.bytes;
      giveUp();
    };
    const tryNow = (): void => void next();
    this.retry = { timer: setTimeout(tryNow, RETRY_MS).unref(), again: tryNow };
  }

  private countWritten(bytes: number): void {
    if (this.awaited === undefined) return;
    this.awaited.left -= bytes;
    if (this.awaited.left > 0) return;
    this.awaited.resolve();
    this.awaited = undefined;
  }

  private countClosed(): void {
    this.openFiles--;
    if (this.openFiles === 0) this.onIdle?.();
  }
}
