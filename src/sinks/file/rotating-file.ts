import { join } from 'node:path';
import DailyRotateFile from 'winston-daily-rotate-file';
import { ConfirmingFs, type FileSystem } from './confirming-fs.js';
import { dayOf } from './log-directory.js';

/** The key under which winston's transports look for the finished line. */
const MESSAGE = Symbol.for('message');

/** Where a {@link RotatingFile} writes and what it tells. */
export interface RotatingFileOptions {
  readonly dir: string;
  readonly maxSize: number | string | undefined;
  readonly utc: boolean;
  /** Whether a file has to be on the disk before it is closed. */
  readonly durable: boolean;
  readonly fs: FileSystem;
  /** A file was opened. */
  readonly onOpen: () => void;
  /** Each error of a write that is tried again. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * One winston-daily-rotate-file transport whose writes can be awaited. It does not live on after an error:
 * its stream is dead then, and it is for the owner to make another.
 */
export class RotatingFile {
  /** The day on which it was made. */
  readonly day: string;
  private readonly fs: ConfirmingFs;
  private readonly transport: DailyRotateFile;
  private broken = false;
  private missingBytes = 0;

  /** @throws where the file's directory is gone and cannot be made */
  constructor(options: RotatingFileOptions) {
    this.day = dayOf(new Date(), options.utc);
    this.fs = new ConfirmingFs(options.fs, options);
    this.transport = createTransport(options, this.fs);
    const fail = (error: Error): void => this.fail(error);
    this.transport.on('error', fail);
    this.transport.logStream.on('error', fail);
    this.transport.on('new', options.onOpen);
  }

  /** Whether it can no longer write. */
  get failed(): boolean {
    return this.broken;
  }

  /** Why the write in hand has not succeeded yet. */
  get failure(): unknown {
    return this.fs.failure;
  }

  /** How many bytes of the write that failed have not been written. */
  get missing(): number {
    return this.missingBytes;
  }

  /** Whether its path still leads to the file. */
  isInPlace(): Promise<boolean> {
    return this.fs.isInPlace();
  }

  /** Whether the file has a name at all. */
  isLinked(): Promise<boolean> {
    return this.fs.isLinked();
  }

  /** Resolves when what was written has reached the disk. */
  sync(): Promise<void> {
    return this.fs.sync();
  }

  /** Gives up the write that waits to be tried again, for the caller to write its lines; tells whether one did. */
  takeBack(): boolean {
    const error = this.fs.takeBack();
    if (error !== undefined) this.fail(error);
    return error !== undefined;
  }

  /** Tries a write that failed once more, and then no longer. */
  giveUp(): void {
    this.fs.giveUp();
  }

  /** Writes `text` and a newline to the file of today; resolves when the bytes are there. One at a time. */
  async write(text: string): Promise<void> {
    const confirmed = this.fs.confirm(Buffer.byteLength(text) + 1);
    try {
      this.transport.log!({ [MESSAGE]: text }, () => {});
    } catch (error) {
      this.fail(error);
    }
    await confirmed;
  }

  /**
   * Resolves when all its files are closed.
   *
   * @throws what went wrong when one was
   */
  close(): Promise<void> {
    this.transport.logStream.end();
    return this.fs.allClosed();
  }

  private fail(error: unknown): void {
    if (this.broken) return;
    this.broken = true;
    this.missingBytes = this.fs.fail(error);
  }
}

function createTransport({ dir, maxSize, utc }: RotatingFileOptions, fs: ConfirmingFs): DailyRotateFile {
  return new DailyRotateFile({
    dirname: dir,
    filename: '%DATE%',
    extension: '.log',
    datePattern: 'YYYY-MM-DD',
    maxSize,
    utc,
    eol: '\n',
    // Never written, as `maxFiles` is not set; but without a name the library hashes all options to make one.
    auditFile: join(dir, '.audit.json'),
    options: { flags: 'a+', fs },
  });
}
