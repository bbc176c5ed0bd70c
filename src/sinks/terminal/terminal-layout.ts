/** Something to print: `text` as the terminal shows it, and the token it stands for if it is one. */
export interface TerminalPiece {
  readonly text: string;
  readonly token?: string;
}

/**
 * Keeps a terminal readable on which several sessions speak.
 *
 * The rule: text of another session than the one before starts on a fresh line and with a dim
 * `[sessionId] ` tag. The first session to speak gets none, so one session alone is never tagged. A log
 * line stands on a line of its own and counts as its session's turn to speak.
 */
export class TerminalLayout {
  private speaker: string | undefined;
  private midLine = false;

  /** @param colors whether tags are dimmed */
  constructor(private readonly colors: boolean) {}

  /** A session's text: non-empty, safe to print. */
  text(sessionId: string, text: string): TerminalPiece[] {
    const lead = this.isOther(sessionId) ? this.freshLine() + this.tag(sessionId) : '';
    this.speaker = sessionId;
    this.midLine = !text.endsWith('\n');
    return lead === '' ? [{ text }] : [{ text: lead }, { text }];
  }

  /** A token: not shown, or for one that ends something a newline, unless the line is another session's. */
  token(sessionId: string, token: string, ends: boolean): TerminalPiece {
    if (!ends || this.isOther(sessionId)) return { text: '', token };
    this.midLine = false;
    return { text: '\n', token };
  }

  /** A whole line. */
  line(sessionId: string, line: string): TerminalPiece {
    const text = `${this.freshLine()}${line}\n`;
    this.speaker = sessionId;
    this.midLine = false;
    return { text };
  }

  private isOther(sessionId: string): boolean {
    return this.speaker !== undefined && this.speaker !== sessionId;
  }

  private freshLine(): string {
    return this.midLine ? '\n' : '';
  }

  private tag(sessionId: string): string {
    return this.colors ? `\x1b[2m[${sessionId}]\x1b[22m ` : `[${sessionId}] `;
  }
}
