import * as fc from 'fast-check';
import { SPECIAL_TOKENS } from './special-tokens.js';
import { TokenScanner, type TokenPiece } from './token-scanner.js';

/** Scans chunks to the end, checking what is held back on the way, and joins texts that stand together. */
function scan(tokens: readonly string[], chunks: readonly string[]): TokenPiece[] {
  const scanner = new TokenScanner(tokens);
  const longest = Math.max(...tokens.map((token) => token.length));
  const pieces = chunks.flatMap((chunk) => {
    const certain = scanner.push(chunk);
    expect(scanner.pending.length).toBeLessThan(longest);
    return certain;
  });
  pieces.push(...scanner.flush());
  expect(scanner.pending).toBe('');
  return joinTexts(pieces);
}

function joinTexts(pieces: readonly TokenPiece[]): TokenPiece[] {
  return pieces.reduce<TokenPiece[]>((joined, piece) => {
    const before = joined.at(-1);
    if (piece.type !== 'text' || before?.type !== 'text') return [...joined, piece];
    return [...joined.slice(0, -1), { type: 'text', text: before.text + piece.text }];
  }, []);
}

/** What a scanner should find, by trying every token at every place: leftmost first, then longest. */
function expected(tokens: readonly string[], text: string): TokenPiece[] {
  const pieces: TokenPiece[] = [];
  for (let at = 0; at < text.length;) {
    const here = tokens.filter((token) => text.startsWith(token, at)).toSorted((a, b) => b.length - a.length);
    const token = here[0];
    pieces.push(token === undefined ? { type: 'text', text: text[at]! } : { type: 'token', token });
    at += token?.length ?? 1;
  }
  return joinTexts(pieces);
}

const cutAt = (text: string, places: readonly number[]): string[] => {
  const cuts = [0, ...places.toSorted((a, b) => a - b), text.length];
  return cuts.slice(1).map((to, index) => text.slice(cuts[index], to));
};

const nearTokens = [
  '<',
  '</',
  '</th',
  '<<think>',
  '</thinks',
  'think>',
  '>',
  '/',
  '<tool',
  '<e',
  '</end',
  '\n',
  'é\u{1f600}',
];
const modelText = fc
  .array(fc.oneof(fc.constantFrom(...SPECIAL_TOKENS, ...nearTokens), fc.string({ maxLength: 4 })), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''));

/** Tokens of two letters that are prefixes, suffixes and inner parts of one another. */
const smallTokens = fc.uniqueArray(
  fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 }),
  {
    minLength: 1,
    maxLength: 5,
  },
);
const smallText = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 24 });
const places = fc.array(fc.nat(), { maxLength: 8 });

describe('TokenScanner', () => {
  it('finds every token and keeps every character of an uncut text', () => {
    fc.assert(
      fc.property(modelText, (text) => {
        expect(scan(SPECIAL_TOKENS, [text])).toEqual(expected(SPECIAL_TOKENS, text));
      }),
    );
  });

  it('finds the same when the text is cut in two, at every place', () => {
    fc.assert(
      fc.property(modelText, (text) => {
        const whole = expected(SPECIAL_TOKENS, text);
        for (let at = 0; at <= text.length; at++)
          expect(scan(SPECIAL_TOKENS, cutAt(text, [at]))).toEqual(whole);
      }),
    );
  });

  it('finds the same when the text is cut anywhere, and character by character', () => {
    fc.assert(
      fc.property(modelText, places, (text, at) => {
        const whole = expected(SPECIAL_TOKENS, text);
        const cuts = at.map((place) => place % (text.length + 1));
        expect(scan(SPECIAL_TOKENS, cutAt(text, cuts))).toEqual(whole);
        expect(scan(SPECIAL_TOKENS, text.split(''))).toEqual(whole);
      }),
    );
  });

  it('finds the longest of tokens that begin together, however the text is cut', () => {
    fc.assert(
      fc.property(smallTokens, smallText, (tokens, text) => {
        const whole = expected(tokens, text);
        for (let at = 0; at <= text.length; at++) expect(scan(tokens, cutAt(text, [at]))).toEqual(whole);
        expect(scan(tokens, text.split(''))).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  it('waits with a token that a longer one begins with', () => {
    const scanner = new TokenScanner(['a', 'ab']);
    expect(scanner.push('xa')).toEqual([{ type: 'text', text: 'x' }]);
    expect(scanner.push('b')).toEqual([{ type: 'token', token: 'ab' }]);
    expect(scanner.push('a')).toEqual([]);
    expect(scanner.push('c')).toEqual([
      { type: 'token', token: 'a' },
      { type: 'text', text: 'c' },
    ]);
  });

  it('holds back only what may begin a token', () => {
    const scanner = new TokenScanner(SPECIAL_TOKENS);
    expect(scanner.push('a<b</thi')).toEqual([{ type: 'text', text: 'a<b' }]);
    expect(scanner.pending).toBe('</thi');
    expect(scanner.flush()).toEqual([{ type: 'text', text: '</thi' }]);
    expect(scanner.flush()).toEqual([]);
  });

  it('takes characters of regular expressions and of any script as they are', () => {
    for (const token of ['[DONE]', '^', '\\', ']', '-', '.*', '終', '\u{1f600}', '|im_end|']) {
      expect(scan([token, 'z'], [`a${token}z`])).toEqual(expected([token, 'z'], `a${token}z`));
    }
  });

  it('takes a megabyte of what begins a token, at once and in pieces', () => {
    const text = '<'.repeat(2 ** 20);
    for (const size of [text.length, 1000, 7]) {
      const scanner = new TokenScanner(SPECIAL_TOKENS);
      let length = 0;
      for (let at = 0; at < text.length; at += size)
        length += textLength(scanner.push(text.slice(at, at + size)));
      expect(length + textLength(scanner.flush())).toBe(text.length);
    }
  });
});

function textLength(pieces: readonly TokenPiece[]): number {
  return pieces.reduce((length, piece) => length + (piece.type === 'text' ? piece.text.length : 0), 0);
}
