/** A piece of a stream: plain text, or one of the scanner's tokens, whole. */
export type TokenPiece =
  { readonly type: 'text'; readonly text: string } | { readonly type: 'token'; readonly token: string };

/**
 * Finds tokens in a text that arrives in chunks, also where one is split over chunks or stands inside a
 * text. However the text is cut, the same tokens are found, the leftmost first and of two that begin
 * together the longest; no character is lost or invented. Holds back at most one token's length.
 */
export class TokenScanner {
  private held = '';
  private readonly tokens: readonly string[];
  private readonly firstCharacters: RegExp;

  /** @param tokens non-empty texts to find */
  constructor(tokens: readonly string[]) {
    this.tokens = tokens.toSorted((a, b) => b.length - a.length);
    const escapes = tokens.map((token) => '\\u' + token.charCodeAt(0).toString(16).padStart(4, '0'));
    this.firstCharacters = new RegExp(`[${escapes.join('')}]`, 'g');
  }

  /** Text that may still turn out to begin a token. */
  get pending(): string {
    return this.held;
  }

  /** Goes on from another place. @param pending what was held back there */
  restart(pending: string): void {
    this.held = pending;
  }

  /** Takes the next chunk; returns what is now certain. */
  push(chunk: string): TokenPiece[] {
    return this.scan(this.held + chunk, false);
  }

  /** Says that no more will come; returns what was held back. */
  flush(): TokenPiece[] {
    return this.scan(this.held, true);
  }

  private scan(text: string, last: boolean): TokenPiece[] {
    const pieces: TokenPiece[] = [];
    let start = 0;
    let at = this.nextCandidate(text, 0);
    while (at < text.length) {
      const token = this.tokens.find((one) => text.startsWith(one, at));
      if (!last && this.mayGrow(text, at)) break;
      if (token !== undefined) {
        if (at > start) pieces.push({ type: 'text', text: text.slice(start, at) });
        pieces.push({ type: 'token', token });
        start = at + token.length;
      }
      at = this.nextCandidate(text, token === undefined ? at + 1 : start);
    }
    if (at > start) pieces.push({ type: 'text', text: text.slice(start, at) });
    this.held = text.slice(at);
    return pieces;
  }

  /** Whether the text from `at` to its end could still become a token longer than any that stands there. */
  private mayGrow(text: string, at: number): boolean {
    const rest = text.length - at;
    return this.tokens.some((token) => token.length > rest && token.startsWith(text.slice(at)));
  }

  /** The next place where some token's first character stands, or the text's end. */
  private nextCandidate(text: string, from: number): number {
    this.firstCharacters.lastIndex = from;
    return this.firstCharacters.exec(text)?.index ?? text.length;
  }
}
