import { join } from 'node:path';
import DailyRotateFile from 'winston-daily-rotate-file';
import { ConfirmingFs, type FileSystem } from './confirming-fs.js';

/** The key under which winston's transports look for the finished line. */
const MESSAGE = Symbol.for('message');

/** Where a {@link RotatingFile} writes and what it tells. */
export interface RotatingFileOptions {
  readonly dir: string;
  readonly maxSize: number | string | undefined;
  readonly utc: boolean;
  readonly fs: FileSystem;
  /** Resolves when the file at `path` may be opened. */
  readonly ready: (path: string) => Promise<void>;
  /** A file was opened. */
  readonly onOpen: () => void;
  /** The file at `path` is complete, as another one follows it. */
  readonly onRotate: (path: string) => void;
}

/**
 * One winston-daily-rotate-file transport whose writes can be awaited. It does not live on after an error:
 * its stream is dead then, and it is for the owner to make another.
 */
export class RotatingFile {
  private readonly fs: ConfirmingFs;
  private readonly transport: DailyRotateFile;
  private broken = false;

  /** @throws where the file's directory is gone and cannot be made */
  constructor(options: RotatingFileOptions) {
    this.fs = new ConfirmingFs(options.fs, options.ready);
    this.transport = createTransport(options, this.fs);
    const fail = (error: Error): void => this.fail(error);
    this.transport.on('error', fail);
    this.transport.logStream.on('error', fail);
    this.transport.on('new', options.onOpen);
    this.transport.on('rotate', options.onRotate);
  }

  /** Whether it can no longer write. */
  get failed(): boolean {
    return this.broken;
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

  /** Resolves when all its files are closed. */
  close(): Promise<void> {
    this.transport.logStream.end();
    return this.fs.allClosed();
  }

  private fail(error: unknown): void {
    this.broken = true;
    this.fs.fail(error);
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
