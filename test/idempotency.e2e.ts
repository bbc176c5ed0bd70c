import { ConflictException } from '@nestjs/common';
import { jest } from '@jest/globals';
import { Idempotency } from '../src/http/writing/idempotency.js';
import { resolveOptions } from '../src/options/resolve-options.js';
import { Reporter } from '../src/session-logger.reporter.js';
import { MemoryNotes } from '../src/store/memory-notes.js';
import { deferred } from './support/turns.js';

const INPUTS = [{ sessionId: 's', message: 'a' }];
const KEY = 's k';

describe('Idempotency', () => {
  let notes: MemoryNotes;
  let idempotency: Idempotency;

  beforeEach(() => {
    jest.useFakeTimers();
    notes = new MemoryNotes();
    idempotency = new Idempotency(
      notes,
      resolveOptions({ limits: { flushTimeout: 60_000 } }),
      new Reporter(),
    );
  });
  afterEach(() => {
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  /** A request whose entries are stored, or lost, when the test says so. */
  function begin(): { answer: Promise<unknown>; stored: (isStored: boolean) => void } {
    const { promise, resolve } = deferred<boolean>();
    const answer = idempotency.once(KEY, INPUTS, () => Promise.resolve({ stored: promise }));
    return { answer, stored: resolve };
  }

  const again = (): Promise<unknown> =>
    idempotency.once(KEY, INPUTS, () => Promise.resolve({ stored: Promise.resolve(true) }));

  it('keeps a retry out for as long as the work takes', async () => {
    const first = begin();
    for (let minute = 0; minute < 10; minute++) {
      await jest.advanceTimersByTimeAsync(60_000);
      await expect(again()).rejects.toThrow(ConflictException);
    }
    first.stored(true);
    await expect(first.answer).resolves.toEqual({ accepted: 1, isReplay: false });
    await expect(again()).resolves.toEqual({ accepted: 1, isReplay: true });
  });

  it.each([true, false])(
    'leaves the claim of another request alone that came after its own was lost; stored: %p',
    async (isStored) => {
      const first = begin();
      const own = notes.claim(KEY, 'mine', 1)!;
      notes.release(KEY, own);
      const second = begin();
      first.stored(isStored);
      await first.answer.catch(() => {});
      await expect(again()).rejects.toThrow(ConflictException);
      second.stored(true);
      await expect(second.answer).resolves.toEqual({ accepted: 1, isReplay: false });
    },
  );

  it('takes what it finds of its own for its own', async () => {
    jest.spyOn(notes, 'claim').mockImplementationOnce((key, text, ms) => {
      notes.replace(key, text, text, ms);
      return text;
    });
    await expect(again()).resolves.toEqual({ accepted: 1, isReplay: false });
  });
});
