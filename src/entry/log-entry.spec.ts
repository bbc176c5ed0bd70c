import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import * as fc from 'fast-check';
import { SessionLoggerError } from '../session-logger.errors.js';
import { acceptEntry } from './accept-entry.js';
import { LOG_ENTRY_LEVELS, LOG_TYPES, LogEntry, type LogEntryInput } from './log-entry.js';

const NOW = '2026-11-22T14:26:00.000Z';

const accept = (input: unknown): LogEntry => acceptEntry(input as LogEntryInput, 'p-1', NOW);

/** The fields that the decorators refuse; `entry` where no entry can be made of the input at all. */
function refusedByDecorators(input: unknown): string[] {
  const made = transform(input);
  return made instanceof LogEntry ? validateSync(made).map((error) => error.property) : ['entry'];
}

function transform(input: unknown): unknown {
  try {
    return plainToInstance(LogEntry, input);
  } catch {
    // class-transformer overflows the stack on a cycle.
    return undefined;
  }
}

/** The code with which acceptEntry refuses, or undefined where it accepts. */
function refusedByHand(input: unknown): string | undefined {
  try {
    accept(input);
    return undefined;
  } catch (error) {
    if (error instanceof SessionLoggerError) return error.code;
    throw error;
  }
}

function expectSameVerdict(input: unknown): void {
  expect({ refused: refusedByHand(input) !== undefined }).toEqual({
    refused: refusedByDecorators(input).length > 0,
  });
}

const missing = Symbol('missing');
const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withNullPrototype: true,
  withSparseArray: true,
  withObjectString: true,
  withBoxedValues: true,
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

describe('LogEntry by its decorators and by acceptEntry', () => {
  it('accepts and refuses the same inputs', () => {
    fc.assert(fc.property(input, expectSameVerdict), { numRuns: 2000 });
  });

  it('accepts and refuses the same values in each field', () => {
    const names = fc.constantFrom('sessionId', 'message', 'logType', 'level', 'context', 'timestamp', 'data');
    fc.assert(
      fc.property(names, anything, (name, value) => {
        expectSameVerdict({ sessionId: 's1', message: '', [name]: value });
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses what is no object', () => {
    fc.assert(fc.property(anything, expectSameVerdict));
    for (const value of [undefined, null, 'text', 1, true, [], [{ sessionId: 's1', message: '' }]]) {
      expect(refusedByHand(value)).toMatch(/^INVALID_/);
      expect(refusedByDecorators(value)).toEqual(['entry']);
    }
  });
});
