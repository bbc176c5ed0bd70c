import { runInNewContext } from 'node:vm';
import { BadRequestException } from '@nestjs/common';
import { JsonCopy } from './json-copy.js';
import { UNSHOWABLE } from './unshowable.js';

const copyOf = (value: unknown): unknown => new JsonCopy().of(value);

function stackOf(value: unknown): string | undefined {
  const copy = new JsonCopy();
  copy.of(value);
  return copy.stacks.joined;
}

function broken(): never {
  throw new Error('no');
}

describe('JsonCopy', () => {
  it.each<[string, unknown, unknown]>([
    ['numbers that JSON has not', [NaN, -Infinity, 10n], ['NaN', '-Infinity', '10']],
    ['a map', new Map([['a', new Map([['b', 1]])]]), { a: { b: 1 } }],
    ['a map by other keys', new Map([[1, 'a']]), [[1, 'a']]],
    ['a set', new Set([1, { a: 2 }]), [1, { a: 2 }]],
    ['bytes', { body: Buffer.from('abc') }, { body: '[3 bytes]' }],
    ['boxes and patterns', [Object('a'), /b/g], ['a', '/b/g']],
    ['functions', [broken, class Some {}], ['[Function: broken]', '[Function: Some]']],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['a key that is a trap', JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}')],
    ['holes, and what is undefined', { a: undefined, b: Array<undefined>(2) }, { b: [null, null] }],
  ])('shows %s', (_, value, shown) => {
    expect(JSON.parse(JSON.stringify(copyOf(value)))).toEqual(shown);
  });

  describe('of errors', () => {
    it('tells name, message and what else is no object', () => {
      const error = Object.assign(new TypeError('a'), {
        code: 'E_A',
        port: 1,
        config: { headers: 'secret' },
      });
      expect(copyOf({ list: [new Map([['error', error]])] })).toEqual({
        list: [{ error: { name: 'TypeError', message: 'a', code: 'E_A', port: 1 } }],
      });
    });

    it('never asks toJSON()', () => {
      const error = Object.assign(new Error('a'), { toJSON: () => ({ headers: 'secret' }) });
      expect(copyOf({ error })).toEqual({ error: { name: 'Error', message: 'a' } });
      expect(copyOf(error)).toEqual({ name: 'Error', message: 'a' });
    });

    it('tells causes, and errors that are several', () => {
      const cause = Object.assign(new Error('deep'), { code: 'E_DEEP' });
      const error = new AggregateError([new Error('one', { cause }), 'two'], 'both');
      expect(copyOf(error)).toEqual({
        name: 'AggregateError',
        message: 'both',
        errors: [
          { name: 'Error', message: 'one', cause: { name: 'Error', message: 'deep', code: 'E_DEEP' } },
          'two',
        ],
      });
      const [one] = error.errors as Error[];
      expect(stackOf(error)).toBe([error.stack, one!.stack, cause.stack].join('\n'));
    });

    it('tells the response of Nest’s own', () => {
      expect(copyOf(new BadRequestException(['email bad']))).toMatchObject({
        status: 400,
        response: { message: ['email bad'], error: 'Bad Request' },
      });
    });

    it('knows those of another realm', () => {
      const error: unknown = runInNewContext('new RangeError("far")');
      expect(copyOf([error])).toEqual([{ name: 'RangeError', message: 'far' }]);
      expect(stackOf([error])).toMatch(/^RangeError: far\n/);
    });

    it('ends at one that causes itself', () => {
      const error = new Error('a');
      error.cause = error;
      expect(copyOf(error)).toMatchObject({ cause: '[Circular]' });
      expect(stackOf([error, error])).toBe(error.stack);
    });
  });

  describe('of what throws', () => {
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();

    it.each<[string, unknown, unknown]>([
      ['a revoked proxy', { a: revoked.proxy, b: 1 }, { a: UNSHOWABLE, b: 1 }],
      ['a getter', { get a() { return broken(); }, b: 1 }, { a: UNSHOWABLE, b: 1 }], // prettier-ignore
      ['a trap for keys', new Proxy({}, { ownKeys: broken }), UNSHOWABLE],
      ['toJSON()', { a: 1, toJSON: broken }, { a: 1, toJSON: '[Function: broken]' }],
      ['the text of a pattern', Object.assign(/a/, { toString: broken }), UNSHOWABLE],
    ])('shows what it can: %s', (_, value, shown) => {
      expect(copyOf(value)).toEqual(shown);
    });

    it('shows what it can of an error', () => {
      const error = Object.defineProperties(new Error('a'), {
        stack: { get: broken },
        message: { get: broken },
      });
      expect(copyOf(error)).toEqual({ name: 'Error', message: UNSHOWABLE });
      expect(stackOf(error)).toBeUndefined();
    });

    it('tells the stacks next to it', () => {
      const err = new Error('a');
      const values = [
        { err, get x(): never { return broken(); } }, // prettier-ignore
        { err, toJSON: broken },
        { err, toJSON: () => undefined },
      ];
      for (const value of values) {
        expect(copyOf(value)).toMatchObject({ err: { name: 'Error', message: 'a' } });
        expect(JSON.stringify(copyOf(value))).not.toContain('json-copy.spec');
        expect(stackOf(value)).toBe(err.stack);
      }
      expect(copyOf(Object.assign(() => 1, { err }))).toBe('[Function: ]');
    });
  });

  describe('bounds', () => {
    it('the levels', () => {
      let deep: object = { list: [] };
      for (let n = 0; n < 50; n++) deep = { deep };
      expect(JSON.stringify(copyOf(deep))).toBe(`${'{"deep":'.repeat(8)}"[Object]"${'}'.repeat(8)}`);
    });

    it('the members of one', () => {
      const list = Array.from({ length: 1e6 }, (_, index) => index);
      const [shownList, shownSet] = [list, new Set(list)].map((value) => copyOf(value) as unknown[]);
      expect(shownList).toHaveLength(101);
      expect(shownList!.slice(99)).toEqual([99, '999900 more']);
      expect(shownSet).toEqual(shownList);
      const object = Object.fromEntries(list.slice(0, 150).map((n) => [`k${n}`, n]));
      const shown = copyOf(object) as Record<string, unknown>;
      expect(shown).toMatchObject({ k99: 99, '…': '50 more' });
      expect(copyOf(new Map(Object.entries(object)))).toEqual(shown);
      expect(Object.keys(shown)).toHaveLength(101);
    });

    it('the values of all', () => {
      let looks = 0;
      let shared: object = { get v() { return ++looks; } }; // prettier-ignore
      for (let n = 0; n < 7; n++) shared = { a: shared, b: shared, c: shared };
      const json = JSON.stringify(copyOf(shared));
      expect(json).toContain('"…":"');
      expect(json.length).toBeLessThan(20_000);
      expect(looks).toBeLessThan(1000);
    });

    it('the characters of all', () => {
      const shown = copyOf({ a: 'x'.repeat(40_000), b: 'y'.repeat(40_000), c: 'z' }) as Record<
        string,
        string
      >;
      expect(shown['b']!.length).toBe(65_536 - 40_000 - 1);
      expect(shown['b']).toMatch(/^y+…$/);
      expect(shown).toMatchObject({ '…': '1 more' });
    });

    it('the stacks', () => {
      const errors = Array.from({ length: 90 }, (_, n) =>
        Object.assign(new Error('a'), { stack: `${n} ${'x'.repeat(100_000)}` }),
      );
      const stack = stackOf(errors)!;
      expect(stack.length).toBeGreaterThan(1_000_000);
      expect(stack.length).toBeLessThan(1_048_576 + 100);
    });
  });
});
