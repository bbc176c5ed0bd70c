import { SegmentList } from '../client/segment-list.js';
import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import { formatPosition, parsePosition } from '../entry/position.js';
import { readRecords, type ReadPage } from './record-source.js';
import { parseSegmentId } from './segment-id.js';
import type { SegmentReducer } from './segment-reducer.js';
import type { SessionSegmentEvent } from './session-segment.js';

/** Where one begins who follows segments. */
export interface OpenedSegments {
  /** What is told first. */
  readonly first: readonly SessionSegmentEvent[];
  /** Behind which to read on. */
  readonly position: string;
  /** How many changes of the next record were given before. */
  readonly skipped: number;
  /** Has been given all records up to the position. */
  readonly reducer: SegmentReducer;
}

/**
 * Finds what one who follows segments is to be told first: nothing, where one goes on behind an id and all before it is
 * known; else a snapshot, behind a gap where the id leads nowhere.
 *
 * @param begin makes what is to know all records up to where one begins
 */
export async function openSegments(
  read: ReadPage,
  begin: () => SegmentReducer,
  after?: string,
): Promise<OpenedSegments> {
  if (after === undefined) return snapshot(read, begin());
  const place = parseSegmentId(after);
  const { gap } = await read(place?.after ?? after, 1);
  if (gap !== undefined) {
    const opened = await snapshot(read, begin());
    // Who has heard of the gap alone goes on from where it was, and hears of it again.
    return { ...opened, first: [{ id: after, type: 'gap', gap }, ...opened.first] };
  }
  const reducer = begin();
  if (place === undefined || !(await replay(read, reducer, place.after))) return snapshot(read, begin());
  return { first: [], position: place.after, skipped: place.changes, reducer };
}

/** An end that comes last is left to be told: who joins behind it has to hear of it. */
async function snapshot(read: ReadPage, reducer: SegmentReducer): Promise<OpenedSegments> {
  const list = new SegmentList();
  let last: SessionRecord | undefined;
  const take = (record: SessionRecord): void => {
    for (const change of reducer.push(record)) list.apply(change);
  };
  const position = await readRecords(read, (record) => {
    if (last !== undefined) take(last);
    last = record;
    return true;
  });
  if (last instanceof LogEntry) take(last);
  const isAtEnd = last !== undefined && !(last instanceof LogEntry);
  const id = isAtEnd ? before(position) : position;
  return { first: [{ id, type: 'snapshot', segments: list.all() }], position: id, skipped: 0, reducer };
}

/** Comes to the state behind a record; false where that cannot be known, as what it begins with has gone. */
async function replay(read: ReadPage, reducer: SegmentReducer, until: string): Promise<boolean> {
  const end = offsetOf(until);
  let isKnown = end === 0;
  await readRecords(read, (record) => {
    const offset = offsetOf(record.id);
    if (offset > end) return false;
    // Nothing is open behind an end, whatever was before it.
    isKnown ||= offset === 1 || !(record instanceof LogEntry);
    reducer.push(record);
    return offset < end;
  });
  return isKnown;
}

function before(position: string): string {
  const { epoch, offset } = parsePosition(position)!;
  return formatPosition(epoch, offset - 1);
}

function offsetOf(position: string | undefined): number {
  return parsePosition(position ?? '')?.offset ?? 0;
}
