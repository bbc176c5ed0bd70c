/**
 * Writes to a stream and waits until each text has been handed on. An error of the stream rejects the
 * write that met it and never ends the process. No error is final: the next write tries again, because
 * stdout stays open after an error.
 */
export class TerminalWriter {
  private readonly waiting = new Set<(error: Error) => void>();
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly stream: NodeJS.WritableStream) {
    stream.on('error', ignore);
    stream.on('close', this.onClose);
  }

  /** Writes `text`; resolves when it and all before it is out, rejects when the stream failed or closed. */
  write(text: string): Promise<void> {
    if (text === '') return this.last;
    const written = this.send(text);
    this.last = written.catch(ignore);
    return written;
  }

  /**
   * Writes `text` before it returns.
   *
   * @throws Error where the stream has not taken it by then
   */
  writeSync(text: string): void {
    if (text === '') return;
    if (isTaken(this.stream)) this.write(text).catch(ignore);
    if (!isTaken(this.stream)) throw new Error('The terminal takes nothing at present.');
  }

  /** Lets go of the stream, which stays open; writes still under way reject. */
  close(): void {
    this.stream.off('error', ignore);
    this.stream.off('close', this.onClose);
    this.abandon('The terminal sink was closed before its text was written.');
  }

  private send(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.add(reject);
      // The callback says more than the result and 'drain' do: written, or failed with this error.
      this.stream.write(text, (error) => {
        this.waiting.delete(reject);
        if (!error) return resolve();
        surviveError(this.stream);
        return reject(error);
      });
    });
  }

  private abandon(reason: string): void {
    for (const reject of this.waiting) reject(new Error(reason));
    this.waiting.clear();
  }

  private readonly onClose = (): void => this.abandon('The terminal was closed before the text was written.');
}

/**
 * For the callback of a write that failed: the stream emits the error next, and where nobody listens that
 * would end the process. `console.log` does the same.
 */
export function surviveError(stream: NodeJS.WritableStream): void {
  if (stream.listenerCount('error') === 0) stream.once('error', ignore);
}

/** Whether all that was written to a stream is out: a terminal, a file and a pipe take it before the call returns. */
export function isTaken(stream: NodeJS.WritableStream): boolean {
  const { writableLength = 0 } = stream as { writableLength?: number };
  return writableLength === 0;
}

function ignore(): void {}
