import * as fc from 'fast-check';
import { printable } from './terminal-text.js';

/** Any character, those that must not reach a terminal far more often than by chance. */
const unit = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  fc.integer({ min: 0, max: 0xa0 }).map((code) => String.fromCharCode(code)),
  fc.integer({ min: 0x2020, max: 0x2070 }).map((code) => String.fromCharCode(code)),
);

const UNSAFE = [
  [0x00, 0x08],
  [0x0b, 0x1f],
  [0x7f, 0x9f],
  [0x202a, 0x202e],
  [0x2066, 0x2069],
] as const;

const isUnsafe = (one: string): boolean =>
  UNSAFE.some(([first, last]) => one.codePointAt(0)! >= first && one.codePointAt(0)! <= last);

const writtenOut = (one: string): string => {
  const hex = one.charCodeAt(0).toString(16);
  return hex.length > 2 ? `\\u${hex}` : `\\x${hex.padStart(2, '0')}`;
};

describe('printable', () => {
  it.each([
    ['\x1b[31mred', '\\x1b[31mred'],
    ['a\0b\rc\x7f', 'a\\x00b\\x0dc\\x7f'],
    ['\x9b2J', '\\x9b2J'],
    ['abc\u202efdp.exe', 'abc\\u202efdp.exe'],
    ['\u2066x\u2069', '\\u2066x\\u2069'],
  ])('writes out %j', (text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it('leaves newline, tab and every other character as they are', () => {
    const text = 'a\tb\ncafé \u{1f600} \u200f\u2028 é \\x1b';
    expect(printable(text)).toBe(text);
  });

  it('writes out the unsafe characters and no other', () => {
    fc.assert(
      fc.property(fc.array(unit), (units) => {
        const expected = units.map((one) => (isUnsafe(one) ? writtenOut(one) : one));
        expect(printable(units.join(''))).toBe(expected.join(''));
      }),
    );
  });
});
