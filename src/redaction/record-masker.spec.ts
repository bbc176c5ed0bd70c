import { LogEntry, type JsonObject } from '../entry/log-entry.js';
import { SessionEnd } from '../entry/session-end.js';
import { RecordMasker } from './record-masker.js';
import { secretsOf } from './redact-rules.js';

const SECRET = 'sk-proj-abcdefGHIJKL0123456789';

function masker(paths: string[] = []): { mask: RecordMasker; count: () => number } {
  let count = 0;
  const mask = new RecordMasker(
    paths,
    secretsOf(['sk', 'card', 'email']),
    '***',
    1_000,
    (secrets) => (count += secrets),
    (error) => {
      throw error;
    },
  );
  return { mask, count: () => count };
}

function masked(data: JsonObject, ...paths: string[]): JsonObject | undefined {
  const entry = new LogEntry('p-1', 's', '', '', 'chat', undefined, undefined, data);
  masker(paths).mask.mask(entry);
  return entry.data;
}

describe('RecordMasker', () => {
  it('masks all texts of a log entry, its hidden stack too, which stays hidden', () => {
    const entry = new LogEntry('p-1', 's', `key ${SECRET}`, '', 'log', 'warn', `Ctx ${SECRET}`, {
      a: SECRET,
    });
    Object.defineProperty(entry, 'stack', { value: `Error: ${SECRET}`, writable: true, enumerable: false });
    const { mask, count } = masker();
    mask.mask(entry);
    expect(entry).toMatchObject({ message: 'key ***', context: 'Ctx ***', data: { a: '***' } });
    expect(entry.stack).toBe('Error: ***');
    expect(Object.keys(entry)).not.toContain('stack');
    expect(count()).toBe(4);
  });

  it('leaves the message of a chat entry, which goes on in the next', () => {
    const entry = new LogEntry('p-1', 's', SECRET, '', 'chat');
    masker().mask.mask(entry);
    expect(entry.message).toBe(SECRET);
  });

  it('masks the error of an end', () => {
    const end = new SessionEnd('p-1', 's', '', 'error', `refused ${SECRET}`);
    masker().mask.mask(end);
    expect(end.error).toBe('refused ***');
  });

  it('masks data at any depth, keys and numbers too, and leaves the rest as it is', () => {
    const deep = {
      list: [1, null, true, { [SECRET]: 'x', card: 4111111111111111 }],
      mail: 'to jane@example.com',
    };
    expect(masked(deep)).toEqual({
      list: [1, null, true, { '***': 'x', card: '***' }],
      mail: 'to ***',
    });
    const proto = JSON.parse(`{"__proto__":{"a":"${SECRET}"},"b":1}`) as JsonObject;
    expect(JSON.stringify(masked(proto))).toBe('{"__proto__":{"a":"***"},"b":1}');
  });

  it('leaves numbers that are no secret numbers, and words that could only become one', () => {
    const data = {
      bytes: 5368709120,
      id: 312345678,
      score: 0.4523456789,
      text: 'Wrote 5368709120',
      list: ['sk-', 'root@'],
    };
    expect(masked(data)).toEqual(data);
  });

  it('loses no member whose key is masked like another’s', () => {
    expect(masked({ 'a@example.com': 1, 'b@example.com': 2, c: 3 })).toEqual({ '***': 1, '*** 2': 2, c: 3 });
  });

  it('cuts a message once it is masked, so that no part of a secret is left at its end', () => {
    const entry = new LogEntry('p-1', 's', `${'x'.repeat(985)} ${SECRET}`, '', 'log');
    masker().mask.mask(entry);
    expect(entry).toMatchObject({ message: `${'x'.repeat(985)} ***` });
    const long = new LogEntry('p-1', 's', `${'x '.repeat(495)}${SECRET} and more`, '', 'log');
    masker().mask.mask(long);
    expect(long).toMatchObject({ message: `${'x '.repeat(495)}*** and mo`.slice(0, 1_000), truncated: true });
  });

  it('masks what lies at paths, whatever it is', () => {
    const data = {
      password: 1,
      user: { token: ['a'], name: 'b' },
      list: [{ pin: 1 }, { pin: 2, x: 3 }],
      'a b': 1,
    };
    const paths = ['data.password', 'data.*.token', 'data.list[*].pin', 'data.none.there', 'data["a b"]'];
    expect(masked(data, ...paths)).toEqual({
      password: '***',
      user: { token: '***', name: 'b' },
      list: [{ pin: '***' }, { pin: '***', x: 3 }],
      'a b': '***',
    });
    const hostile = masked(
      JSON.parse('{"__proto__":{"pin":1,"x":2},"y":3}') as JsonObject,
      'data.*.pin',
      'data.y',
    );
    expect(JSON.stringify(hostile)).toBe('{"__proto__":{"pin":"***","x":2},"y":"***"}');
    expect(Object.getPrototypeOf(hostile)).toBe(Object.prototype);
  });
});
