import * as fc from 'fast-check';
import { isSessionId } from './session-id.js';

const ALLOWED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~:@-';

describe('isSessionId', () => {
  it.each(['a', '...', '.a', 'a.', '..a', 'user@host:1~2_3-4', ALLOWED, 'x'.repeat(128)])(
    'takes %j',
    (id) => {
      expect(isSessionId(id)).toBe(true);
    },
  );

  it.each([
    '',
    '.',
    '..',
    'x'.repeat(129),
    'a b',
    'a/b',
    'a\n',
    '\na',
    'a\r\n',
    'a\0',
    'é',
    'a%2fb',
    '\u202ea',
    'ａ',
  ])('refuses %j', (id) => {
    expect(isSessionId(id)).toBe(false);
  });

  it.each([undefined, null, 1, ['a'], { toString: () => 'a' }, new String('a')])(
    'refuses %p, no string',
    (value) => {
      expect(isSessionId(value)).toBe(false);
    },
  );

  it('takes exactly the texts that its rule describes', () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(...ALLOWED.split('')), maxLength: 140 }),
      fc.string({ unit: fc.constantFrom('.', 'a', '/', '\n', 'é'), maxLength: 3 }),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, (id) => {
        const ruled =
          id.length >= 1 && id.length <= 128 && id.split('').every((one) => ALLOWED.includes(one));
        expect(isSessionId(id)).toBe(ruled && id !== '.' && id !== '..');
      }),
    );
  });
});
