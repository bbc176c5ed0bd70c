import fc from 'fast-check';
import { LineSplitter } from './line-splitter.js';

const split = (text: string, size: number, max = Infinity): (string | undefined)[] => {
  const splitter = new LineSplitter(max);
  const bytes = Buffer.from(text);
  const lines: (Buffer | undefined)[] = [];
  for (let at = 0; at < bytes.length; at += size) lines.push(...splitter.push(bytes.subarray(at, at + size)));
  return [...lines, ...splitter.end()].map((line) => line?.toString());
};

describe('LineSplitter', () => {
  it('gives the same lines however the bytes come', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\n', '\r', '\u2028', '漢', '🙂') });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 9 }), (given, size) => {
        const lines = given.split('\n');
        if (lines.at(-1) === '') lines.pop();
        expect(split(given, size)).toEqual(lines);
      }),
    );
  });

  it('gives undefined for a line that is too long, and goes on', () => {
    expect(split('abc\nabcd\nab\nabcdefgh', 3, 3)).toEqual(['abc', undefined, 'ab', undefined]);
  });
});
