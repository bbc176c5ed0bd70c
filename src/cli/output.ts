import { once } from 'node:events';
import { wantsColors } from '../sinks/terminal/terminal-text.js';

/** Whoever reads the output has gone, as `head` does when it has enough. */
export class OutputClosed extends Error {}

/** Where a command writes. */
export class Output {
  /** Whether it is a terminal that is to show colours. */
  readonly colors: boolean;
  private failure: Error | undefined;

  constructor(private readonly stream: NodeJS.WritableStream & { isTTY?: boolean }) {
    this.colors = wantsColors(stream);
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.failure = error.code === 'EPIPE' ? new OutputClosed() : error;
    });
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
