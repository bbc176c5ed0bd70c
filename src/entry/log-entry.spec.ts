import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import * as fc from 'fast-check';
import { SessionLoggerError } from '../session-logger.errors.js';
import { acceptEntry } from './accept-entry.js';
import { LOG_ENTRY_LEVELS, LOG_TYPES, LogEntry, type LogEntryInput } from './log-entry.js';

const NOW = '2026-11-22T14:26:00.000Z';

/** The fields that the decorators refuse; `entry` where no entry can be made of the input at all. */
function refusedByDecorators(input: unknown): string[] {
  const made: unknown = plainToInstance(LogEntry, input);
  return made instanceof LogEntry ? validateSync(made).map((error) => error.property) : ['entry'];
}

/** The code with which acceptEntry refuses, or undefined where it accepts. */
function refusedByHand(input: unknown): string | undefined {
  try {
    acceptEntry(input as LogEntryInput, 'p-1', NOW);
    return undefined;
  } catch (error) {
    if (error instanceof SessionLoggerError) return error.code;
    throw error;
  }
}

/** Of each value of a field: what acceptEntry and what the decorators say to an entry with it. */
const verdicts = (name: string, values: readonly unknown[]): unknown[] =>
  values.map((value) => {
    const one = { sessionId: 's1', message: '', [name]: value };
    return [value, refusedByHand(one), refusedByDecorators(one)];
  });

/** Whether both accept or both refuse. */
const agree = (input: unknown): boolean =>
  (refusedByHand(input) === undefined) === (refusedByDecorators(input).length === 0);

const missing = Symbol('missing');
// No boxed strings (class-validator takes them for strings) and no maps with keys that are objects
// (class-transformer cannot copy those): no parser of request bodies makes them.
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: true,
  withSparseArray: true,
  withObjectString: true,
});

/** A field that is right, nearly right, anything, null, undefined or missing. */
const field = <T>(right: fc.Arbitrary<T>, ...nearly: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 6, arbitrary: right },
    { weight: 1, arbitrary: fc.constantFrom<unknown>(null, undefined, missing, ...nearly) },
    { weight: 1, arbitrary: anything },
  );

const text = fc.string({ unit: 'binary' });
const input = fc
  .record({
    sessionId: field(fc.stringMatching(/^[A-Za-z0-9._~:@-]{1,128}$/), '', '.', '..', 'a b', 'a\n', ['a']),
    message: field(text, 0, ['text']),
    logType: field(fc.constantFrom(...LOG_TYPES, missing), 'Chat', '', ['chat']),
    level: field(fc.constantFrom(...LOG_ENTRY_LEVELS, missing), 'info', '', 'LOG'),
    context: field(text, 1, {}),
    timestamp: field(
      fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date(NOW) })
        .map((date) => date.toISOString()),
    ),
    data: field(fc.dictionary(text, fc.jsonValue()), [], 'text', new Date(), new Set(), new Map(), { a: 1n }),
    uid: field(text),
    id: field(text),
  })
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== missing)));

const cycle: Record<string, unknown> = { a: 1 };
cycle['self'] = cycle;
const jsonOf = (json: unknown): object => ({ toJSON: () => json });
const fail = (): never => {
  throw new Error('toJSON failed');
};

describe('LogEntry by its decorators and by acceptEntry', () => {
  it('accepts and refuses the same inputs', () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(input, (one) => {
        seen[refusedByHand(one) === undefined ? 'accepted' : 'refused']++;
        expect(agree(one)).toBe(true);
      }),
      { numRuns: 2000 },
    );
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(100);
  });

  it('accepts and refuses the same values in each field', () => {
    const fieldName = fc.constantFrom(
      'sessionId',
      'message',
      'logType',
      'level',
      'context',
      'timestamp',
      'data',
    );
    fc.assert(
      fc.property(fieldName, anything, (name, value) => {
        expect(agree({ sessionId: 's1', message: '', [name]: value })).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses what is no object', () => {
    for (const value of [undefined, null, 'text', 1, true, [], [{ sessionId: 's1', message: '' }]]) {
      expect(refusedByHand(value)).toMatch(/^INVALID_/);
      expect(refusedByDecorators(value)).toEqual(['entry']);
    }
  });

  it.each<[string, unknown[]]>([
    ['sessionId', ['a', '...', '~', 'user@host:1', 'x'.repeat(128)]],
    ['message', ['', 'a\0b\r\nc', '\ud800', 'é\u{1f600}', 'x'.repeat(100_000)]],
    ['logType', ['chat', 'log', null, undefined]],
    ['level', [...LOG_ENTRY_LEVELS, null, undefined]],
    ['context', ['', 'a\nb', null, undefined]],
    ['timestamp', [NOW, '2024-02-29T23:59:59Z', '2026-01-01T00:00:00.123456789Z', null, undefined]],
    ['data', [{}, { a: [{ b: null }] }, { a: undefined }, Object.create(null), new Map(), null, undefined]],
    ['data', [{ constructor: 'x' }, JSON.parse('{"__proto__":{}}'), new Set([1]), jsonOf({ a: 1 })]],
  ])('both take a right %s', (name, values) => {
    expect(verdicts(name, values)).toEqual(values.map((value) => [value, undefined, []]));
  });

  it.each<[string, unknown[]]>([
    ['sessionId', ['', '.', '..', 'x'.repeat(129), 'é', 'a\r\n', 'a\n', 'a\0', 'a/b', null, 1, ['a']]],
    ['message', [undefined, null, 1, ['a'], { constructor: 'x' }, new Date(), () => 'a']],
    ['logType', ['', 'Chat', 'chat ', 0, ['chat'], {}]],
    ['level', ['', 'info', 'LOG', 2, ['log']]],
    ['context', [1, false, ['a'], {}, () => 'a']],
    ['timestamp', ['', '2026-11-22', '2026-11-22T14:26:00', '2026-11-22T14:26:00+00:00', 0, new Date()]],
    ['timestamp', ['2026-02-30T00:00:00Z', '2026-01-01T24:00:00Z', '2026-13-01T00:00:00Z', `${NOW}\n`]],
    ['data', ['', 'text', 1, true, [], [{}], new Date(), cycle, { a: 1n }, fail, Symbol('a')]],
    ['data', [jsonOf('a'), jsonOf(undefined), jsonOf([]), { toJSON: fail }]],
  ])('both refuse a wrong %s', (name, values) => {
    const code = `INVALID_${name.replace(/[A-Z]/, '_$&').toUpperCase()}`;
    expect(verdicts(name, values)).toEqual(values.map((value) => [value, code, [name]]));
  });

  it('ignore unknown fields', () => {
    expect(agree({ sessionId: 's1', message: '', uid: 1, id: [], other: {} })).toBe(true);
  });
});
