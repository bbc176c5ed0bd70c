import { TokenScanner } from '../entry/token-scanner.js';

/** A piece of a reply. */
export interface ReplyPiece {
  readonly type: 'text' | 'reasoning';
  readonly text: string;
}

/** White space that may stand before reasoning; a reply that begins with more is no longer held back. */
const LONGEST_INDENT = 64;

/**
 * Takes a reply apart into the reasoning that it begins with, as models without a channel of its own for it send
 * `<think>…</think>answer`, and the rest. The same token anywhere else, such as in code, or within the reasoning, is text.
 * Nothing is lost or added but the two tokens, however the reply is split.
 */
export class InlineReasoning {
  private state: 'start' | 'reasoning' | 'text' = 'start';
  private held = '';
  private readonly closing: TokenScanner;

  /** @param open opens reasoning; `close` ends it */
  constructor(
    private readonly open: string,
    close: string,
  ) {
    this.closing = new TokenScanner([close]);
  }

  /** Whether all that follows is text. */
  get isOver(): boolean {
    return this.state === 'text';
  }

  /** What is certain with this chunk. */
  push(chunk: string): ReplyPiece[] {
    if (this.state === 'start') return this.begin(this.held + chunk);
    return this.state === 'reasoning' ? this.reason(chunk) : piece('text', chunk);
  }

  /** What was held back, as no more comes. */
  flush(): ReplyPiece[] {
    const { state, held } = this;
    this.state = 'text';
    this.held = '';
    const rest = state === 'reasoning' ? this.closing.flush() : [];
    return [
      ...piece('text', held),
      ...rest.flatMap((last) => (last.type === 'text' ? piece('reasoning', last.text) : [])),
    ];
  }

  private begin(text: string): ReplyPiece[] {
    const said = text.trimStart();
    const indent = text.slice(0, text.length - said.length);
    this.held = '';
    if (indent.length <= LONGEST_INDENT && said.startsWith(this.open)) {
      this.state = 'reasoning';
      // Also reasoning that is empty has begun.
      const begun: ReplyPiece = { type: 'reasoning', text: '' };
      return [...piece('text', indent), begun, ...this.reason(said.slice(this.open.length))];
    }
    if (indent.length <= LONGEST_INDENT && this.open.startsWith(said)) {
      this.held = text;
      return [];
    }
    this.state = 'text';
    return piece('text', text);
  }

  private reason(chunk: string): ReplyPiece[] {
    const pieces: ReplyPiece[] = [];
    for (const found of this.closing.push(chunk)) {
      if (found.type === 'text') pieces.push({ type: this.isOver ? 'text' : 'reasoning', text: found.text });
      // A second one closes nothing.
      else if (this.isOver) pieces.push({ type: 'text', text: found.token });
      else this.state = 'text';
    }
    return this.isOver ? [...pieces, ...piece('text', this.closing.pending)] : pieces;
  }
}

function piece(type: ReplyPiece['type'], text: string): ReplyPiece[] {
  return text === '' ? [] : [{ type, text }];
}
