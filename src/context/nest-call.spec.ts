import fc from 'fast-check';
import { readNestCall } from './nest-call.js';

const STACK = 'Error: broken\n    at run (/app/a.js:1:2)';

describe('readNestCall', () => {
  it.each<[string, unknown, unknown[], object]>([
    ['a message', 'a', [], { message: 'a' }],
    ['its context', 'a', ['Ctx'], { message: 'a', context: 'Ctx' }],
    ['an object as data', 'a', [{ ms: 9 }, 'Ctx'], { message: 'a', context: 'Ctx', data: { ms: 9 } }],
    [
      'more as params',
      'a',
      [1, 'b', { c: 2 }, 'Ctx'],
      { message: 'a', context: 'Ctx', data: { params: [1, 'b', { c: 2 }] } },
    ],
    ['a list as params', 'a', [[1], 'Ctx'], { context: 'Ctx', data: { params: [[1]] } }],
    ['a stack and a context', 'a', [STACK, 'Ctx'], { message: 'a', stack: STACK, context: 'Ctx' }],
    ['a stack alone', 'a', [STACK], { message: 'a', stack: STACK, context: undefined }],
    [
      'no stack where there was to be one',
      'a',
      [undefined, 'Ctx'],
      { message: 'a', context: 'Ctx', data: undefined },
    ],
    ['an object with a message', { message: 'a', ms: 9 }, ['Ctx'], { message: 'a', data: { ms: 9 } }],
    ['an object', { a: 1 }, ['Ctx'], { message: '{"a":1}', data: undefined }],
    ['a list', ['a', 1], [], { message: '["a",1]' }],
    ['a number', 7, [], { message: '7' }],
    ['nothing', undefined, [], { message: 'undefined' }],
    ['null', null, [], { message: 'null' }],
  ])('knows %s', (_, message, params, expected) => {
    expect(readNestCall(message, params)).toMatchObject(expected);
  });

  it('keeps the stack of an error, as message and as param', () => {
    const error = new TypeError('broken');
    expect(readNestCall(error, ['Ctx'])).toEqual({
      message: 'broken',
      context: 'Ctx',
      data: undefined,
      stack: error.stack,
    });
    expect(readNestCall('failed', [error, 'Ctx'])).toEqual({
      message: 'failed',
      context: 'Ctx',
      data: { name: 'TypeError', message: 'broken' },
      stack: error.stack,
    });
  });

  it('makes JSON of anything', () => {
    const cycle: Record<string, unknown> = {
      big: 10n,
      of: new Map([['a', 1]]),
      call: () => 1,
      at: new Date(0),
    };
    cycle['self'] = cycle;
    const { data } = readNestCall('a', [cycle, 'Ctx']);
    expect(data).toMatchObject({ big: '10', self: '[Circular]', at: '1970-01-01T00:00:00.000Z' });
    const hostile = {
      toJSON: () => {
        throw new Error('no');
      },
    };
    expect(() => readNestCall('a', [hostile, Symbol('s'), Object.create(null)])).not.toThrow();
  });

  it('never throws, and always gives a text', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true }),
        fc.array(fc.anything()),
        (message, params) => {
          const call = readNestCall(message, params);
          expect(typeof call.message).toBe('string');
          expect(() => JSON.stringify(call.data)).not.toThrow();
        },
      ),
    );
  });
});
