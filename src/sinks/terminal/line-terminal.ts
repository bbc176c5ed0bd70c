import type { LogEntry } from '../../entry/log-entry.js';
import { logLineFormat } from './terminal-log-line.js';
import { wantsColors } from './terminal-text.js';
import { isTaken, surviveError } from './terminal-writer.js';

/** Prints the application's own lines with Nest's look. */
export class LineTerminal {
  readonly name = 'lines';
  private readonly format: (entry: LogEntry) => string;

  /** @param stream default `process.stdout` */
  constructor(private readonly stream: NodeJS.WritableStream = process.stdout) {
    this.format = logLineFormat(wantsColors(stream), 'Nest');
  }

  /** Hands the lines on before it returns, and gives a promise where the stream can take no more for now. */
  write(entries: readonly LogEntry[]): Promise<void> | undefined {
    const text = entries.map((entry) => `${this.format(entry)}\n`).join('');
    let done = (): void => {};
    const taken = new Promise<void>((resolve) => (done = resolve));
    this.stream.write(text, (error) => {
      // A terminal that is gone takes nothing with it.
      if (error) surviveError(this.stream);
      done();
    });
    // What stdout has taken is out, unless it is a pipe that nobody empties.
    return isTaken(this.stream) ? undefined : taken;
  }
}
