import * as fc from 'fast-check';
import { LogEntry, type JsonObject, type SessionRecord } from './log-entry.js';
import { recordBytes, RecordList } from './record-list.js';
import { SessionEnd } from './session-end.js';

const NOW = '2026-11-22T14:26:00.000Z';
const entry = (message: string, context?: string, data?: JsonObject): LogEntry =>
  new LogEntry('p-1', 's1', message, NOW, 'log', 'log', context, data);
const end = (error?: string): SessionEnd => new SessionEnd('p-2', 's1', NOW, 'error', error);

/** A list and the plain array that it should equal. */
interface Pair {
  readonly list: RecordList;
  readonly model: SessionRecord[];
}

type Step = (pair: Pair) => void;

const push = (record: SessionRecord): Step => {
  return ({ list, model }) => {
    list.push(record);
    model.push(record);
  };
};

const shift: Step = ({ list, model }) => expect(list.shift()).toBe(model.shift());

const take = (max: number): Step => {
  return ({ list, model }) => expectSame(list.take(max), model.splice(0, max));
};

const slice = (from: number, to: number): Step => {
  return ({ list, model }) => expectSame(list.slice(from, to), model.slice(from, to));
};

const many = (step: Step, times: number): Step => {
  return (pair) => {
    for (let n = 0; n < times; n++) step(pair);
  };
};

function expectSame(given: readonly SessionRecord[], wanted: readonly SessionRecord[]): void {
  expect(given.length).toBe(wanted.length);
  expect(given.every((record, index) => record === wanted[index])).toBe(true);
}

function expectEqual({ list, model }: Pair): void {
  expect(list.length).toBe(model.length);
  expectSame(list.slice(0, model.length + 1), model);
  expect(list.bytes).toBe(model.reduce((bytes, record) => bytes + recordBytes(record), 0));
  for (const index of [0, 1, model.length - 1, model.length]) {
    if (index >= 0) expect(list.at(index)).toBe(model[index]);
  }
}

const record = fc.oneof(
  fc
    .tuple(fc.string(), fc.option(fc.string(), { nil: undefined }))
    .map(([text, context]) => entry(text, context)),
  fc.dictionary(fc.string(), fc.jsonValue()).map((data) => entry('', undefined, data as JsonObject)),
  fc.option(fc.string(), { nil: undefined }).map(end),
);
// Thousands, because the list moves its records together only after 1,024 were dropped.
const count = fc.oneof(fc.nat(5), fc.nat(3000));
const step = fc.oneof(
  record.map(push),
  fc.tuple(record, count).map(([one, times]) => many(push(one), times)),
  count.map((times) => many(shift, times)),
  count.map(take),
  fc.tuple(count, count).map(([from, to]) => slice(from, to)),
);

describe('RecordList', () => {
  it('equals a plain array, and its bytes the sum of its records, after any steps', () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const pair = { list: new RecordList(), model: [] };
        for (const one of steps) {
          one(pair);
          expectEqual(pair);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is empty at first and after everything was taken', () => {
    const list = new RecordList();
    expect([list.length, list.bytes, list.at(0), list.shift()]).toEqual([0, 0, undefined, undefined]);
    list.push(entry('a'));
    expect(list.take(10)).toHaveLength(1);
    expect([list.length, list.bytes, list.take(1)]).toEqual([0, 0, []]);
  });

  it('gives copies: taking or changing one does not change the list', () => {
    const list = new RecordList();
    list.push(entry('a'));
    list.slice(0, 1).pop();
    expect(list.length).toBe(1);
  });
});

describe('recordBytes', () => {
  it('counts a stack, whether it is to be seen or not', () => {
    const failed = entry('');
    Object.defineProperty(failed, 'stack', { value: 'x'.repeat(1000), enumerable: false });
    expect(recordBytes(failed) - recordBytes(entry(''))).toBe(2000);
  });

  it('counts two bytes for each character of message, context and error', () => {
    const empty = recordBytes(entry(''));
    expect(recordBytes(entry('four'))).toBe(empty + 8);
    expect(recordBytes(entry('four', 'ctx'))).toBe(empty + 14);
    expect(recordBytes(end('four'))).toBe(recordBytes(end()) + 8);
  });

  it('counts the texts and keys of data, at every depth', () => {
    const bytes = (data: JsonObject): number => recordBytes(entry('', undefined, data));
    const long = 'x'.repeat(1000);
    expect(bytes({ a: { b: [long] } }) - bytes({ a: { b: [''] } })).toBe(2000);
    expect(bytes({ [long]: null }) - bytes({ '': null })).toBe(2000);
    expect(bytes({})).toBeGreaterThan(recordBytes(entry('')));
  });
});
