/**
 * Finds tokens in a text that arrives in chunks, also where one is split over chunks. What may still
 * become a token is held back until the next chunk, or `flush`, decides it.
 */
export class TokenScanner {
  #tokens;
  #held = '';

  /** @param {string[]} tokens texts to find, none of them the beginning of another */
  constructor(tokens) {
    this.#tokens = tokens;
  }

  /** Takes a chunk; returns the pieces that are now certain, each `{ text }` or `{ token }`. */
  push(chunk) {
    const text = this.#held + chunk;
    const pieces = [];
    let start = 0;
    let at = 0;
    while (at < text.length && !this.#mayBecomeToken(text, at)) {
      const token = this.#tokens.find((one) => text.startsWith(one, at));
      if (token === undefined) {
        at++;
        continue;
      }
      if (at > start) pieces.push({ text: text.slice(start, at) });
      pieces.push({ token });
      start = at += token.length;
    }
    if (at > start) pieces.push({ text: text.slice(start, at) });
    this.#held = text.slice(at);
    return pieces;
  }

  /** Says that no more will come; returns what was held back. */
  flush() {
    const text = this.#held;
    this.#held = '';
    return text === '' ? [] : [{ text }];
  }

  #mayBecomeToken(text, at) {
    const rest = text.length - at;
    return this.#tokens.some((token) => token.length > rest && token.startsWith(text.slice(at)));
  }
}
