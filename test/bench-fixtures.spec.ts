import { chunks, MAX_CHUNK, seeded, sessionIds } from '../benchmarks/fixtures.mjs';
import { FrameCounter } from '../benchmarks/frame-counter.mjs';

describe('the payloads of the benchmarks', () => {
  it('are the same in every run', () => {
    expect(chunks(500)).toEqual(chunks(500));
    expect(chunks(3)).toEqual(chunks(500).slice(0, 3));
    expect(chunks(3)).toEqual(['aT字字o .w', "yzhvnizdu'pk", 'w']);
  });

  it('differ with the seed', () => {
    expect(chunks(10, 2)).not.toEqual(chunks(10, 1));
  });

  it('look like tokens: 1 to 12 characters of any length in UTF-8, well formed', () => {
    const all = chunks(5000);
    const lengths = new Set(all.map((chunk) => Array.from(chunk).length));
    expect([...lengths].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: MAX_CHUNK }, (_, n) => n + 1),
    );
    const bytes = new Set(all.flatMap((chunk) => Array.from(chunk, (letter) => Buffer.byteLength(letter))));
    expect(bytes).toEqual(new Set([1, 2, 3, 4]));
    expect(all.every((chunk) => chunk.isWellFormed())).toBe(true);
  });

  it('use numbers that are spread over 0 to 1', () => {
    const random = seeded(1);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let count = 0; count < 10_000; count++) tenths[Math.floor(random() * 10)]!++;
    expect(Math.min(...tenths)).toBeGreaterThan(900);
    expect(Math.max(...tenths)).toBeLessThan(1100);
  });

  it('go to sessions that all differ', () => {
    expect(new Set(sessionIds(1000)).size).toBe(1000);
  });
});

describe('the counter of events', () => {
  const event = (length: number): string => `data: ${'x'.repeat(length - 8)}\n\n`;
  const stream = Buffer.from(
    ['retry: 2000\n\n', event(40), event(50), ':\n\n', event(40), event(90)].join(''),
  );

  it.each([1, 2, 3, 7, 39, 40, 41, 1000])('counts the same in pieces of %i bytes', (size) => {
    const counter = new FrameCounter();
    for (let at = 0; at < stream.length; at += size) {
      const piece = stream.subarray(at, at + size);
      counter.add(piece, piece.length, 30);
    }
    expect({ count: counter.count, shortest: counter.shortest }).toEqual({ count: 4, shortest: 43 });
  });

  it('counts only the bytes that are meant', () => {
    const counter = new FrameCounter();
    counter.add(stream, stream.length - 1, 30);
    expect(counter.count).toBe(3);
  });
});
