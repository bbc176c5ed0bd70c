import { closeSync, fstatSync, readSync, writeSync } from 'node:fs';
import type * as fs from 'node:fs';
import { promisify } from 'node:util';

/** What a file stream asks of the file system. */
export type FileSystem = Pick<typeof fs, 'open' | 'write' | 'close'>;

type Callback<T> = (error: Error | null, value?: T) => void;
type WriteCallback = (error: Error | null, written: number, buffer: Buffer) => void;

interface Awaited {
  left: number;
  resolve: () => void;
  reject: (error: unknown) => void;
}

const NEWLINE = 0x0a;

/**
 * The `fs` of a file stream that tells when bytes have reached the file and when all files are closed again,
 * because winston-daily-rotate-file tells neither. A file that it opens must allow reading (`a+`): where the
 * last line was torn by a crash, it is ended first, so that the next one stands on a line of its own.
 */
export class ConfirmingFs {
  private awaited: Awaited | undefined;
  private openFiles = 0;
  private onIdle: (() => void) | undefined;

  /**
   * @param real the file system underneath
   * @param ready resolves when the file at `path` may be opened
   */
  constructor(
    private readonly real: FileSystem,
    private readonly ready: (path: string) => Promise<void>,
  ) {}

  /** Resolves when the next `bytes` bytes are written; rejects by {@link fail}. One at a time. */
  confirm(bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.awaited = { left: bytes, resolve, reject };
    });
  }

  /** Rejects what {@link confirm} waits for. */
  fail(error: unknown): void {
    this.awaited?.reject(error);
    this.awaited = undefined;
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
      if (error === null) this.countWritten(written);
      callback(error, written, data);
    });
  }

  /** As `fs.close`, for the stream. */
  close(fd: number, callback: Callback<void>): void {
    this.real.close(fd, (error) => {
      this.countClosed();
      callback(error ?? null);
    });
  }

  private async openWhole(path: string, flags: string, mode: number): Promise<number> {
    await this.ready(path);
    const fd = await promisify(this.real.open)(path, flags, mode);
    try {
      endTornLine(fd);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    return fd;
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

/** Synchronous, as it is one byte for each file opened. */
function endTornLine(fd: number): void {
  const { size } = fstatSync(fd);
  if (size === 0) return;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  if (last[0] !== NEWLINE) writeSync(fd, '\n');
}
