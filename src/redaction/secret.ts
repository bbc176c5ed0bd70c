import { partialPattern, withFlag } from './partial-pattern.js';
import type { SecretKind } from './presets.js';

/** A part of a text, from one index up to another, that is a secret or may become one. */
export interface Span {
  readonly from: number;
  readonly to: number;
  /** How long one of its kind may be. */
  readonly maxLength: number;
}

/** Looks for one kind of secret. */
export class Secret {
  private readonly maxLength: number;
  private readonly whole: RegExp;
  private readonly partial: RegExp;
  private readonly prefix: RegExp;
  private readonly prefixHere: RegExp;
  private readonly partialPrefix: RegExp;
  private readonly lengthOf: (match: string) => number;

  constructor({ pattern, prefix, maxLength, lengthOf }: SecretKind) {
    const begin = prefixPattern(prefix, pattern);
    this.whole = withFlag(pattern, 'g');
    this.partial = partialPattern(pattern);
    this.prefix = withFlag(begin, 'g');
    this.prefixHere = withFlag(begin, 'y');
    this.partialPrefix = partialPattern(begin);
    this.maxLength = maxLength;
    this.lengthOf = lengthOf ?? ((match) => match.length);
  }

  /** Whether `text`, from `start` on, has neither a secret nor what may become one, as far as its prefix tells. */
  isAbsent(text: string, start: number): boolean {
    this.prefix.lastIndex = start;
    if (this.prefix.test(text)) return false;
    this.partialPrefix.lastIndex = Math.max(start, text.length - this.maxLength);
    return this.partialPrefix.exec(text)?.index === text.length;
  }

  /** All secrets that begin at `start` or later. */
  find(text: string, start: number): Span[] {
    const { whole, maxLength } = this;
    const spans: Span[] = [];
    whole.lastIndex = start;
    for (let match = whole.exec(text); match !== null; match = whole.exec(text)) {
      const length = this.lengthOf(match[0]);
      if (length > 0) spans.push({ from: match.index, to: match.index + length, maxLength });
      whole.lastIndex = match.index + Math.max(1, length);
    }
    return spans;
  }

  /** What stands at the end of `text`, from `start` on, and may become a secret; of no length where nothing may. */
  beginning(text: string, start: number): Span {
    this.partial.lastIndex = Math.max(start, text.length - this.maxLength);
    const from = this.partial.exec(text)?.index ?? text.length;
    return { from, to: text.length, maxLength: this.maxLength };
  }

  /** {@link beginning}, where it is known by its prefix for that of a secret and is none yet. */
  known(text: string, start: number): Span[] {
    const span = this.beginning(text, start);
    this.prefixHere.lastIndex = span.from;
    if (span.from === span.to || !this.prefixHere.test(text)) return [];
    return this.find(text, start).some(({ from }) => from === span.from) ? [] : [span];
  }
}

function prefixPattern(prefix: string | RegExp, pattern: RegExp): RegExp {
  if (typeof prefix !== 'string') return prefix;
  return new RegExp(prefix.replace(/[^A-Za-z0-9]/g, String.raw`\$&`), pattern.flags.replace('u', ''));
}
