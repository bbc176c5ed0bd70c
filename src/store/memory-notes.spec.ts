import { jest } from '@jest/globals';
import { MemoryNotes } from './memory-notes.js';

const LONG = 60_000;

describe('MemoryNotes', () => {
  it('refuse a session that has its share, and no other one', () => {
    const notes = new MemoryNotes(100, 2);
    for (const key of ['1', '2']) notes.claim(`greedy ${key}`, 'a', LONG);
    expect(() => notes.claim('greedy 3', 'a', LONG)).toThrow(
      '2 idempotency keys of the last 24 hours are remembered of',
    );
    expect(notes.claim('other 1', 'a', LONG)).toBeUndefined();
    expect(notes.claim('greedy 2', 'b', LONG)).toBe('a');
  });

  it('refuse all once they are full', () => {
    const notes = new MemoryNotes(3, 2);
    for (const key of ['a 1', 'a 2', 'b 1']) notes.claim(key, 'a', LONG);
    expect(() => notes.claim('c 1', 'a', LONG)).toThrow('3 idempotency keys');
  });

  it('have room again for what was released and what has gone, however often it was replaced', () => {
    jest.useFakeTimers();
    const notes = new MemoryNotes(2, 2);
    notes.claim('s 1', 'a', 10);
    for (let n = 0; n < 5; n++) notes.replace('s 1', 'a', 'a', 10);
    notes.claim('s 2', 'a', LONG);
    expect(() => notes.claim('s 3', 'a', LONG)).toThrow('2 idempotency keys');
    jest.advanceTimersByTime(10);
    expect(notes.claim('s 3', 'a', LONG)).toBeUndefined();
    expect(() => notes.claim('s 4', 'a', LONG)).toThrow('2 idempotency keys');
    notes.release('s 3', 'a');
    expect(notes.claim('s 4', 'a', LONG)).toBeUndefined();
    jest.useRealTimers();
  });
});
