import type { Gap } from '../entry/gap.js';
import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import { formatPosition, parsePosition } from '../entry/position.js';
import { DEFAULT_TOKENS } from '../entry/special-tokens.js';
import { openSegments } from './open-segments.js';
import type { ReadPage } from './record-source.js';
import { SegmentReducer } from './segment-reducer.js';

function entry(position: string, message: string): SessionRecord {
  const made = new LogEntry(`p-${position}`, 's', message, '2026-01-01T00:00:00.000Z');
  return Object.assign(made, { id: position });
}

/** A log as a store gives it, page by page: a page ends before what is missing. */
function pagesOf(...records: SessionRecord[]): ReadPage {
  const places = records.map(({ id }) => parsePosition(id!)!.offset);
  const { epoch } = parsePosition(records[0]!.id!)!;
  return (after, limit) => {
    const offset = after === undefined ? places[0]! - 1 : parsePosition(after)!.offset;
    const from = places.findIndex((place) => place > offset);
    const missed = from === -1 ? 0 : places[from]! - 1 - offset;
    const page: SessionRecord[] = [];
    for (let at = from; at !== -1 && at < records.length && page.length < limit; at++) {
      if (page.length > 0 && places[at] !== places[at - 1]! + 1) break;
      page.push(records[at]!);
    }
    const position = page.at(-1)?.id ?? formatPosition(epoch, offset);
    const gap: Gap | undefined =
      missed === 0
        ? undefined
        : { reason: 'evicted', resumedAt: formatPosition(epoch, offset + missed), missed };
    return Promise.resolve({ records: page, position, more: position !== records.at(-1)!.id, gap });
  };
}

const begin = (): SegmentReducer => new SegmentReducer(DEFAULT_TOKENS);

const WITH_HOLE = pagesOf(entry('e-1', '<think>'), entry('e-2', 'so'), entry('e-5', '42'), entry('e-6', '!'));
const HOLE = { reason: 'evicted', resumedAt: 'e-4', missed: 2 };
const BOTH_SIDES = [
  { key: 'e-1.0', kind: 'reasoning', text: 'so', complete: true },
  { key: 'e-5.0', kind: 'text', text: '42!', complete: false },
];

describe('openSegments', () => {
  it('tells what is missing in the middle, and joins nothing over it', async () => {
    const { first, position } = await openSegments(WITH_HOLE, begin);
    expect(first).toEqual([
      { id: 'e-4', type: 'gap', gap: HOLE },
      {
        id: 'e-6',
        type: 'snapshot',
        segments: BOTH_SIDES.map((part) => expect.objectContaining(part) as object),
      },
    ]);
    expect(position).toBe('e-6');
  });

  it('tells it once to who goes on before it, and not to who has heard of it', async () => {
    const told = async (after: string): Promise<string[]> =>
      (await openSegments(WITH_HOLE, begin, after)).first.map(({ type, id }) => `${type} ${id}`);
    expect(await told('e-1')).toEqual([]);
    expect(await told('e-2')).toEqual(['gap e-2', 'snapshot e-6']);
    expect(await told('e-4')).toEqual(['snapshot e-6']);
    expect(await told('e-5')).toEqual(['snapshot e-6']);
  });

  it('has nothing of a log that another one has replaced between two pages', async () => {
    const [old, anew] = [pagesOf(entry('e-1', 'old')), pagesOf(entry('f-1', 'new'))];
    const read: ReadPage = async (after, limit) => {
      if (after === undefined) return { ...(await old(after, limit)), more: true };
      const gap = { reason: 'epoch', resumedAt: 'f-0', missed: null } as const;
      return { ...(await anew(undefined, limit)), gap };
    };
    expect((await openSegments(read, begin)).first).toEqual([
      { id: 'f-1', type: 'snapshot', segments: [expect.objectContaining({ key: 'f-1.0', text: 'new' })] },
    ]);
  });
});
