import { TokenScanner, type TokenPiece } from '../../entry/token-scanner.js';

/**
 * Finds tokens in the chunks of many sessions that arrive interleaved. Between chunks it keeps only the
 * text that may begin a token, so a session that holds none costs nothing.
 */
export class TerminalScanner {
  private readonly scanner: TokenScanner;
  /** By session, the one that spoke last at the end. */
  private readonly held = new Map<string, string>();

  /**
   * @param tokens non-empty texts to find
   * @param maxSessions for how many sessions text may be held back before {@link crowdedOut} names one
   */
  constructor(
    tokens: readonly string[],
    private readonly maxSessions = 1000,
  ) {
    this.scanner = new TokenScanner(tokens);
  }

  /** The sessions whose text is held back, the one that was silent longest first. */
  get waiting(): string[] {
    return [...this.held.keys()];
  }

  /** The session to release because too many wait, or undefined where there is room. */
  get crowdedOut(): string | undefined {
    return this.held.size > this.maxSessions ? this.held.keys().next().value : undefined;
  }

  /** Takes a session's next chunk; returns what is now certain. */
  push(sessionId: string, chunk: string): TokenPiece[] {
    const pieces = this.scanner.push((this.held.get(sessionId) ?? '') + chunk);
    this.held.delete(sessionId);
    if (this.scanner.pending !== '') this.held.set(sessionId, this.scanner.pending);
    // The scanner is shared: what it holds is kept above, and the next chunk may be another session's.
    this.scanner.flush();
    return pieces;
  }

  /** Returns what was held back of a session, as if no more came. */
  release(sessionId: string): TokenPiece[] {
    const pieces = this.scanner.push(this.held.get(sessionId) ?? '');
    this.held.delete(sessionId);
    return [...pieces, ...this.scanner.flush()];
  }
}
