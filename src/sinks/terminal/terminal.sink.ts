import type { LogEntry } from '../../entry/log-entry.js';
import type { SessionTokens } from '../../entry/special-tokens.js';
import type { TokenPiece } from '../../entry/token-scanner.js';
import type { LogSink } from '../log-sink.interface.js';
import { TerminalLayout, type TerminalPiece } from './terminal-layout.js';
import { logLineFormat } from './terminal-log-line.js';
import { TerminalScanner } from './terminal-scanner.js';
import { printable, wantsColors } from './terminal-text.js';
import { TerminalWriter } from './terminal-writer.js';

/** How the terminal sink prints. */
export interface TerminalSinkOptions {
  /** The tokens to find; `streamEnd` and `reasoningStop` print a newline, the others nothing. */
  tokens: SessionTokens;
  /**
   * Takes the place of the stream: is called with each piece that the terminal would show (text, tags,
   * log lines) and with each token, whole. Control characters are already written out. Default: none.
   */
  handler?: (message: string) => unknown;
  /** Default `process.stdout`. */
  stream?: NodeJS.WritableStream;
  /** Default: the stream is a terminal and the variable NO_COLOR is not set. */
  colors?: boolean;
}

/**
 * Prints sessions: chat as a running text, log entries as lines with Nest's look. See
 * {@link TerminalLayout} for what happens when sessions interleave.
 *
 * A batch is one write, and `write` resolves when the stream has handed it on. It rejects when the stream
 * failed or a handler threw; the rest of the batch is handled all the same, and later batches are tried.
 */
export class TerminalSink implements LogSink {
  readonly name = 'terminal';
  private readonly scanner: TerminalScanner;
  private readonly endTokens: readonly string[];
  private readonly layout: TerminalLayout;
  private readonly logLine: (entry: LogEntry) => string;
  private readonly writer: TerminalWriter;
  private readonly handler: TerminalSinkOptions['handler'];

  constructor({
    tokens,
    handler,
    stream = process.stdout,
    colors = wantsColors(stream),
  }: TerminalSinkOptions) {
    this.scanner = new TerminalScanner(Object.values(tokens));
    this.endTokens = [tokens.streamEnd, tokens.reasoningStop];
    this.layout = new TerminalLayout(colors);
    this.logLine = logLineFormat(colors);
    this.writer = new TerminalWriter(stream);
    this.handler = handler;
  }

  async write(entries: readonly LogEntry[]): Promise<void> {
    await this.print(this.piecesOf(entries));
  }

  /** Prints before it returns, as the process ends. */
  writeSync(entries: readonly LogEntry[]): void {
    const pieces = this.piecesOf(entries);
    if (this.handler === undefined) this.writer.writeSync(textOf(pieces));
    else callForEach(this.handler, pieces);
  }

  /** Prints what was held back because it may begin a token. */
  async flush(): Promise<void> {
    await this.print(this.scanner.waiting.flatMap((sessionId) => this.release(sessionId)));
  }

  /** Lets go of the stream, which stays open. */
  async close(): Promise<void> {
    this.writer.close();
  }

  private piecesOf(entries: readonly LogEntry[]): TerminalPiece[] {
    return entries.flatMap((entry) => (entry.logType === 'log' ? this.log(entry) : this.chat(entry)));
  }

  private log(entry: LogEntry): TerminalPiece[] {
    return [this.layout.line(entry.sessionId, this.logLine(entry))];
  }

  private chat({ sessionId, message }: LogEntry): TerminalPiece[] {
    const pieces = this.layOut(sessionId, this.scanner.push(sessionId, message));
    const silent = this.scanner.crowdedOut;
    return silent === undefined ? pieces : [...pieces, ...this.release(silent)];
  }

  private release(sessionId: string): TerminalPiece[] {
    return this.layOut(sessionId, this.scanner.release(sessionId));
  }

  private layOut(sessionId: string, pieces: TokenPiece[]): TerminalPiece[] {
    return pieces.flatMap((piece) =>
      piece.type === 'text'
        ? this.layout.text(sessionId, printable(piece.text))
        : this.layout.token(sessionId, piece.token, this.endTokens.includes(piece.token)),
    );
  }

  private async print(pieces: TerminalPiece[]): Promise<void> {
    if (this.handler === undefined) return this.writer.write(textOf(pieces));
    return callForEach(this.handler, pieces);
  }
}

function textOf(pieces: readonly TerminalPiece[]): string {
  return pieces.map((piece) => piece.text).join('');
}

/** @throws Error at the end, with the count of calls that threw and the first error as its cause */
function callForEach(handler: (message: string) => unknown, pieces: TerminalPiece[]): void {
  const errors: unknown[] = [];
  for (const { token, text } of pieces) {
    try {
      handler(token ?? text);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 0) return;
  const message = `The terminal handler threw for ${errors.length} of ${pieces.length} pieces.`;
  throw new Error(message, { cause: errors[0] });
}
