import * as fc from 'fast-check';
import { formatPosition, parsePosition } from './position.js';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const epoch = fc.string({ unit: fc.constantFrom(...LETTERS.split('')), minLength: 1, maxLength: 64 });

describe('position', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(epoch, fc.maxSafeNat(), (name, offset) => {
        expect(parsePosition(formatPosition(name, offset))).toEqual({ epoch: name, offset });
      }),
    );
  });

  it('is written in one way only', () => {
    const almost = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', '0', '1', '-', '+', '.', ' '), maxLength: 6 }),
      fc.tuple(epoch, fc.maxSafeNat()).map(([name, offset]) => `${name}-0${offset}`),
    );
    fc.assert(
      fc.property(almost, (text) => {
        const position = parsePosition(text);
        expect(position === undefined || formatPosition(position.epoch, position.offset) === text).toBe(true);
      }),
    );
  });

  it('goes without CORS preflight as an event id', () => {
    fc.assert(
      fc.property(epoch, fc.maxSafeNat(), (name, offset) => {
        expect(formatPosition(name, offset)).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
      }),
    );
  });

  it.each([`e-${Number.MAX_SAFE_INTEGER}`, 'e-0', '0-0', `${'e'.repeat(64)}-1`])('takes %j', (text) => {
    expect(parsePosition(text)).toBeDefined();
  });

  it.each(['', '-', 'e', 'e-', '-1', 'e-01', 'e--1', 'e-+1', 'e-1.5', 'e-1e3', 'e-0x1', 'e-NaN'])(
    'refuses %j',
    (text) => {
      expect(parsePosition(text)).toBeUndefined();
    },
  );

  it.each(['e-1 ', ' e-1', 'e-1\n', 'e\n-1', 'é-1', 'a-b-1', 'e-١'])('refuses %j', (text) => {
    expect(parsePosition(text)).toBeUndefined();
  });

  it.each([`${'e'.repeat(65)}-1`, 'e-9007199254740992', 'e-99999999999999999'])(
    'refuses %s, too long',
    (text) => {
      expect(parsePosition(text)).toBeUndefined();
    },
  );
});
