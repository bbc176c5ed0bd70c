import fc from 'fast-check';
import { readNestCall } from './nest-call.js';
import { UNSHOWABLE } from './unshowable.js';

const STACK = 'Error: broken\n    at run (/app/a.js:1:2)';
const OTHER = 'Error: a\n    at new Promise (<anonymous>)\n    at async Promise.all (index 0)';

function broken(): never {
  throw new Error('no');
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function causing(text: string, stack: string): Error {
  return new Error(`${text} ${stack}`);
}

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
    ['an object as data', { a: 1 }, ['Ctx'], { message: '{"a":1}', data: { a: 1 } }],
    ['an object and more', { a: 1 }, [2, 'Ctx'], { message: '{"a":1}', data: { params: [{ a: 1 }, 2] } }],
    ['a short text of a long one', { a: 'x'.repeat(300) }, [], { message: `{"a":"${'x'.repeat(194)}…` }],
    ['an empty object', {}, [], { message: '{}', data: undefined }],
    ['a map', new Map([['a', 1]]), [], { message: '{"a":1}', data: { a: 1 } }],
    ['a set', new Set(['a', 1]), [], { message: '["a",1]', data: undefined }],
    ['a function, which it calls', () => 'lazy', ['Ctx'], { message: 'lazy', context: 'Ctx' }],
    [
      'a function that gives one',
      () => () => ({ message: 'a', ms: 9 }),
      [],
      { message: 'a', data: { ms: 9 } },
    ],
    ['a class', class Some {}, [], { message: 'Some' }],
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

  it.each<[string, unknown, unknown[], object]>([
    ['a message', STACK, ['Ctx'], { message: 'Error: broken', stack: STACK }],
    ['a text', `failed ${STACK}`, [], { message: 'failed Error: broken', stack: `failed ${STACK}` }],
    ['an error’s message', causing('outer', STACK), [], { message: 'outer Error: broken' }],
    ['an object’s message', { message: STACK }, [], { message: 'Error: broken', stack: STACK }],
    ['several params', 'm', [STACK, OTHER], { message: 'm', data: undefined, stack: `${STACK}\n${OTHER}` }],
    ['a property', 'm', [{ stack: STACK }], { data: { stack: 'Error: broken' }, stack: STACK }],
    ['a rest', { message: 'm', stack: STACK }, [], { data: { stack: 'Error: broken' }, stack: STACK }],
    ['a list', 'm', [[STACK]], { data: { params: [['Error: broken']] }, stack: STACK }],
    ['a key', 'm', [{ [STACK]: 1 }], { data: { 'Error: broken': 1 }, stack: STACK }],
    ['no file', 'm', [OTHER], { data: undefined, stack: OTHER }],
    ['the same one twice', 'm', [STACK, { stack: STACK }], { stack: STACK }],
    ['what toJSON() gives', 'm', [{ toJSON: () => ({ at: [STACK] }) }], { data: { at: ['Error: broken'] } }],
    ['a symbol', 'm', [[Symbol(STACK)]], { data: { params: [['Symbol(Error: broken']] } }],
  ])('keeps frames apart that stand in %s', (_, message, params, expected) => {
    const call = readNestCall(message, params);
    expect(call).toMatchObject(expected);
    expect(call.stack).toContain('\n    at ');
  });

  it('tells all that errors say, and collects their stacks in order', () => {
    const cause = Object.assign(new Error('deep'), { code: 'E_DEEP' });
    const [one, two] = [new Error('one', { cause }), new Error('two')];
    const stack = [one.stack, cause.stack, two.stack].join('\n');
    const causes = { name: 'Error', message: 'deep', code: 'E_DEEP' };
    expect(readNestCall('m', [one, two])).toMatchObject({
      data: { params: [{ message: 'one', cause: causes }, { message: 'two' }] },
      stack,
    });
    expect(readNestCall(one, [two])).toMatchObject({
      message: 'one',
      data: { params: [{ cause: causes }, { message: 'two' }] },
      stack,
    });
    expect(readNestCall('m', [one, two.stack])).toMatchObject({ data: { message: 'one' }, stack });
    expect(readNestCall(Object.assign(two, { code: 'E_TWO' }), [])).toMatchObject({
      message: 'two',
      data: { code: 'E_TWO' },
    });
    expect(readNestCall(new AggregateError([one]), [])).toMatchObject({
      message: 'AggregateError',
      data: { errors: [{ message: 'one' }] },
    });
  });

  it('ends with a hundred params', () => {
    const { data } = readNestCall('m', Array<number>(150).fill(1));
    expect(data).toEqual({ params: [...Array<number>(100).fill(1), '50 more'] });
  });

  it('calls a function that gives itself a few times only', () => {
    const itself = (): unknown => itself;
    expect(readNestCall(itself, []).message).toBe('[Function: itself]');
  });

  it.each<[string, () => unknown, object]>([
    ['a revoked proxy', revoked, { message: UNSHOWABLE }],
    ['a message that throws', () => ({ get message() { return broken(); }, a: 1 }), { message: UNSHOWABLE, data: { a: 1 } }], // prettier-ignore
    ['a function that throws', () => broken, { message: UNSHOWABLE }],
    ['a trap', () => new Proxy({ a: 1 }, { has: broken, getPrototypeOf: broken }), { message: UNSHOWABLE }],
    ['an error that throws', () => Object.defineProperty(new Error('a'), 'message', { get: broken }), { message: UNSHOWABLE }], // prettier-ignore
    ['an error without a readable stack', () => Object.defineProperty(new Error('a'), 'stack', { get: broken }), { message: 'a', stack: undefined }], // prettier-ignore
  ])('takes %s, as message and as param', (_, make, expected) => {
    expect(readNestCall(make(), ['Ctx'])).toMatchObject({ ...expected, context: 'Ctx' });
    expect(readNestCall('m', [make(), 'Ctx'])).toMatchObject({ message: 'm', context: 'Ctx' });
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

  it('never throws, always gives a text, and no frame', () => {
    const key = fc.oneof(fc.string(), fc.constantFrom(STACK, `x ${STACK} y`, OTHER));
    const values = [key, fc.boolean(), fc.double(), fc.bigInt(), fc.constant(causing('x', STACK))];
    const anything = fc.anything({ key, values, withMap: true, withSet: true, withNullPrototype: true });
    fc.assert(
      fc.property(anything, fc.array(anything), (message, params) => {
        const call = readNestCall(message, params);
        expect(typeof call.message).toBe('string');
        expect(JSON.stringify([call.message, call.data])).not.toMatch(/\\n +at|a\.js|anonymous/);
      }),
    );
  });
});
