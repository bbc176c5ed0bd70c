import { cookieOf } from './cookie-of.js';

describe('cookieOf', () => {
  it.each([
    ['sid=a', 'a'],
    ['x=1; sid=a; y=2', 'a'],
    ['sid="a"', 'a'],
    ['sid=a%20b', 'a b'],
    ['sid=%E0%A4%A', '%E0%A4%A'],
    ['sid=a=b', 'a=b'],
    ['sid=a; sid=b', 'a'],
    ['xsid=a', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%s', (header, value) => {
    expect(cookieOf(header, 'sid')).toBe(value);
  });
});
