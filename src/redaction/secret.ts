import { partialPattern, withFlag } from './partial-pattern.js';
import { isPlain } from './pattern-tokens.js';
import type { SecretKind } from './presets.js';

/** A part of a text, from one index up to another. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Tells what may become a secret, by the pattern or by the prefix. */
interface Beginnings {
  /** Where the first of them begins from `start` on, that reaches the end of the text; its length where there is none. */
  first(text: string, start: number): number;
  /** Whether what stands from there to the end of the text is one. */
  isAt(text: string, at: number): boolean;
}

/** Looks for one kind of secret. */
export class Secret {
  readonly maxLength: number;
  private readonly whole: RegExp;
  private readonly prefix: RegExp;
  private readonly cutShort: RegExp;
  private readonly beginnings: Beginnings;
  private readonly lengthOf: (match: string) => number;

  constructor({ pattern, prefix, maxLength, lengthOf, cutShort }: SecretKind) {
    const begin = prefixPattern(prefix, pattern);
    this.whole = withFlag(pattern, 'g');
    this.prefix = withFlag(begin, 'y');
    this.cutShort = withFlag(cutShort ?? begin, 'y');
    this.maxLength = maxLength;
    this.beginnings = isPlain(pattern) ? byPattern(pattern) : byPrefix(begin, maxLength);
    this.lengthOf = lengthOf ?? ((match) => match.length);
  }

  /** The first one that begins at `start` or later. */
  match(text: string, start: number): Span | undefined {
    const { whole } = this;
    whole.lastIndex = start;
    for (let match = whole.exec(text); match !== null; match = whole.exec(text)) {
      const length = this.lengthOf(match[0]);
      if (length > 0) return { from: match.index, to: match.index + length };
      whole.lastIndex = match.index + 1;
    }
    return undefined;
  }

  /** Where something begins, from `start` on, that may become one; the length of the text where nothing does. */
  beginning(text: string, start: number): number {
    return this.beginnings.first(text, Math.max(start, text.length - this.maxLength));
  }

  /** Whether what stands from there to the end of the text may become one. */
  isBegunAt(text: string, at: number): boolean {
    return this.beginnings.isAt(text, at);
  }

  /** How far a text goes on that may become one, of which at least the first unit does. */
  endOfBegun(text: string, at: number): number {
    if (this.isBegunAt(text, at)) return text.length;
    let [end, tooFar] = [at + 1, text.length];
    while (tooFar - end > 1) {
      const middle = (end + tooFar) >> 1;
      if (this.isBegunAt(text.slice(0, middle), at)) end = middle;
      else tooFar = middle;
    }
    return end;
  }

  /** Whether what stands there is known for one by its prefix. */
  hasPrefixAt(text: string, at: number): boolean {
    return isOneAt(this.prefix, text, at);
  }

  /** The same where nothing more is going to come. */
  isCutShortAt(text: string, at: number): boolean {
    return isOneAt(this.cutShort, text, at);
  }
}

function byPattern(pattern: RegExp): Beginnings {
  const [from, here] = [partialPattern(pattern, 'g'), partialPattern(pattern, 'y')];
  return { first: (text, start) => firstOf(from, text, start), isAt: (text, at) => isOneAt(here, text, at) };
}

/** Where the pattern does not tell what may become one, anything may that has the prefix and is not too long. */
function byPrefix(prefix: RegExp, maxLength: number): Beginnings {
  const [from, here] = [withFlag(prefix, 'g'), withFlag(prefix, 'y')];
  const part = byPattern(prefix);
  return {
    first: (text, start) => Math.min(firstOf(from, text, start), part.first(text, start)),
    isAt: (text, at) => text.length - at <= maxLength && (isOneAt(here, text, at) || part.isAt(text, at)),
  };
}

function firstOf(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.exec(text)?.index ?? text.length;
}

function isOneAt(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

function prefixPattern(prefix: string | RegExp, { flags }: RegExp): RegExp {
  if (typeof prefix !== 'string') return prefix;
  return new RegExp(prefix.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`), flags);
}
