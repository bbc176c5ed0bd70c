import fc from 'fast-check';
import { truncate } from './truncate.js';

describe('truncate', () => {
  it('leaves what fits as it is', () => {
    expect(truncate('ä'.repeat(5), 10)).toBeUndefined();
    expect(truncate('', 1)).toBeUndefined();
  });

  it('cuts between characters, as late as it can, and tells how long the text was', () => {
    expect(truncate('ä'.repeat(5), 9)).toEqual({ text: 'ä'.repeat(4), originalBytes: 10 });
    expect(truncate('a😀b', 4)).toEqual({ text: 'a', originalBytes: 6 });
  });

  it('gives a prefix within the bound to which the next character would not fit', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 40 }),
        fc.integer({ min: 4, max: 60 }),
        (text, max) => {
          const { text: cut, originalBytes } = truncate(text, max) ?? {
            text,
            originalBytes: Buffer.byteLength(text),
          };
          const codePoint = text.codePointAt(cut.length);
          const next = codePoint === undefined ? '' : String.fromCodePoint(codePoint);
          expect(originalBytes).toBe(Buffer.byteLength(text));
          expect(text.startsWith(cut)).toBe(true);
          expect(cut.isWellFormed()).toBe(true);
          expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(max);
          expect(next === '' || Buffer.byteLength(cut + next) > max).toBe(true);
        },
      ),
    );
  });
});
