import { once } from 'node:events';
import { Socket } from 'node:net';
import { wantsColors } from '../sinks/terminal/terminal-text.js';

/** Whoever reads the output has gone, as `head` does when it has enough. */
export class OutputClosed extends Error {}

/** Where a command writes. */
export class Output {
  /** Whether it is a terminal that is to show colours. */
  readonly colors: boolean;
  /** Whether something can be drawn on it and taken away again. */
  readonly isScreen: boolean;
  /** Whether somebody sees at once what is written: of a file nobody does. */
  readonly isWatched: boolean;
  private failure: Error | undefined;

  constructor(private readonly stream: NodeJS.WritableStream & { isTTY?: boolean }) {
    this.colors = wantsColors(stream);
    this.isScreen = stream.isTTY === true && process.env['TERM'] !== 'dumb';
    this.isWatched = stream.isTTY === true || stream instanceof Socket;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.failure = error.code === 'EPIPE' ? new OutputClosed() : error;
    });
  }

  /** Writes what may be lost. */
  draw(text: string): void {
    if (this.failure === undefined) this.stream.write(text);
  }

  /**
   * Writes, and waits where nobody reads as fast.
   *
   * @throws OutputClosed where nobody reads any more; Error where it cannot be written
   */
  async write(text: string): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    if (text === '' || this.stream.write(text)) return;
    await once(this.stream, 'drain').catch((error: unknown) => {
      throw this.failure ?? error;
    });
  }
}
