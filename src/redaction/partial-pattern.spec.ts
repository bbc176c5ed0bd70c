import fc from 'fast-check';
import { partialPattern } from './partial-pattern.js';
import { hasAnchor, isPlain } from './pattern-tokens.js';
import { PRESETS } from './presets.js';

const isPart = (pattern: RegExp, text: string): boolean => partialPattern(pattern, 'y').test(text);

/** Patterns over a and b, of all that plain ones may be made of. */
const { source } = fc.letrec((tie) => ({
  source: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      'a',
      'b',
      '[ab]',
      '[^a]',
      '.',
      'a?',
      'b*',
      'a+?',
      'b{1,2}',
      '\\b',
      '\\B',
      '(?!a)',
      '(?!b|aa)',
    ),
    fc.tuple(tie('source'), tie('source')).map(([one, two]) => `${String(one)}${String(two)}`),
    fc.tuple(tie('source'), tie('source')).map(([one, two]) => `(?:${String(one)}|${String(two)})`),
    tie('source').map((one) => `(${String(one)})`),
    tie('source').map((one) => `(?:${String(one)}){1,2}`),
  ),
}));
const texts = (length: number): string[] =>
  length === 0 ? [''] : texts(length - 1).flatMap((text) => ['a', 'b', ' '].map((letter) => text + letter));

describe('partialPattern', () => {
  it('matches every text that a longer one begins with which the pattern matches', () => {
    fc.assert(
      fc.property(source, (one) => {
        const pattern = new RegExp(one, 'y');
        for (const text of texts(4)) {
          pattern.lastIndex = 0;
          const length = pattern.exec(text)?.[0].length ?? 0;
          for (let cut = 0; cut < length; cut++) {
            expect(isPart(pattern, text.slice(0, cut))).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('matches nothing that cannot become one', () => {
    for (const text of ['a', 'sk-a b', 'sx', '-']) expect(isPart(/sk-\w{4,}/, text)).toBe(false);
    for (const text of ['', 's', 'sk', 'sk-', 'sk-a', 'sk-abcd'])
      expect(isPart(/sk-\w{4,}/, text)).toBe(true);
  });

  it('knows escapes of all kinds', () => {
    const pattern = /\x61\u0062\cJ\u{1f600}\p{Lu}[\]x](?<naïve>z)/u;
    const text = 'ab\n😀Ä]z';
    for (let cut = 0; cut < text.length; cut++) {
      if (cut !== 4) expect(isPart(pattern, text.slice(0, cut))).toBe(true);
    }
    // Not as a literal, where an octal escape is none of strict code.
    expect(isPart(new RegExp(String.raw`k\01\d{2}`), 'k\u00011')).toBe(true);
  });
});

describe('isPlain', () => {
  it('is true for what can be cut off anywhere', () => {
    const plain = [/a(?:b|c)+?d{2,}/, /(?<![a-z])(?:(?<=x)|\b)k/, /a(?!b|[cd])e/, /(?<name>a)b/, /a\Bb/];
    for (const pattern of [
      ...plain,
      ...Object.values(PRESETS).flatMap((kinds) => kinds.map((kind) => kind.pattern)),
    ]) {
      expect(`${pattern.source} ${isPlain(pattern)}`).toBe(`${pattern.source} true`);
    }
  });

  it('is false for what depends on what follows, or on what was matched', () => {
    const patterns = [
      /a(?=b)/,
      /(a)\1/,
      /(?<n>a)\k<n>/,
      /ab(?<=b)/,
      /a(?!b\b)/,
      /a(?!b(?!c))/,
      /(?:a|b(?<=b))/,
      /a(?:(?<!b)c)/,
    ];
    for (const pattern of patterns)
      expect(`${pattern.source} ${isPlain(pattern)}`).toBe(`${pattern.source} false`);
  });
});

describe('hasAnchor', () => {
  it('finds the beginning and the end of a text, not what only looks like them', () => {
    for (const pattern of [/^a/, /a$/, /(?:^|b)a/]) expect(hasAnchor(pattern)).toBe(true);
    for (const pattern of [/[^a]/, /\^\$/, /[$^]/]) expect(hasAnchor(pattern)).toBe(false);
  });
});
