import { SegmentList } from '../client/segment-list.js';
import type { Gap } from '../entry/gap.js';
import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import { formatPosition, parsePosition } from '../entry/position.js';
import { readRecords, type ReadPage } from './record-source.js';
import { parseSegmentId } from './segment-id.js';
import type { SegmentReducer } from './segment-reducer.js';
import type { SegmentChange, SessionSegmentEvent } from './session-segment.js';

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
 * @param told behind a gap that has been told; without `after`
 */
export async function openSegments(
  read: ReadPage,
  begin: () => SegmentReducer,
  after?: string,
  told?: string,
): Promise<OpenedSegments> {
  if (after === undefined) return snapshot(read, begin, offsetOf(told));
  const place = parseSegmentId(after);
  const { gap } = await read(place?.after ?? after, 1);
  if (gap !== undefined) {
    const opened = await snapshot(read, begin, offsetOf(gap.resumedAt));
    // Who has heard of the gap alone goes on from where it was, and hears of it again.
    return { ...opened, first: [{ id: after, type: 'gap', gap }, ...opened.first] };
  }
  const reducer = begin();
  if (place === undefined || !(await replay(read, reducer, place.after)))
    return snapshot(read, begin, offsetOf(place?.after));
  return { first: [], position: place.after, skipped: place.changes, reducer };
}

/**
 * All that there is, behind the gaps in it. An end that comes last is left to be told: who joins behind it has to hear of
 * it.
 *
 * @param toldUntil offset up to which gaps have been told
 */
async function snapshot(read: ReadPage, begin: () => SegmentReducer, toldUntil = 0): Promise<OpenedSegments> {
  let reducer = begin();
  let list = new SegmentList();
  let gaps: Gap[] = [];
  let missed: number | undefined;
  let last: SessionRecord | undefined;
  const show = (changes: readonly SegmentChange[]): void => {
    for (const change of changes) list.apply(change);
  };
  const take = (record: SessionRecord): void => {
    if (last !== undefined) show(reducer.push(last));
    last = record;
  };
  const position = await readRecords(
    read,
    (record) => {
      missed ??= offsetOf(record.id) - 1;
      take(record);
      return true;
    },
    (gap) => {
      if (gap.reason === 'evicted') {
        if (last !== undefined) show(reducer.push(last));
        show(reducer.interrupt());
        gaps.push(gap);
      } else {
        // Another log: nothing of the one before is left.
        reducer = begin();
        list = new SegmentList();
        gaps = [];
        missed = undefined;
      }
      last = undefined;
    },
  );
  if (last instanceof LogEntry) show(reducer.push(last));
  const isAtEnd = last !== undefined && !(last instanceof LogEntry);
  const id = isAtEnd ? before(position) : position;
  const told = gaps.filter(({ resumedAt }) => offsetOf(resumedAt) > toldUntil);
  return {
    first: [
      ...told.map((gap) => ({ id: gap.resumedAt, type: 'gap', gap }) as const),
      { id, type: 'snapshot', segments: list.all(), ...(missed && { missed }) },
    ],
    position: id,
    skipped: 0,
    reducer,
  };
}

/** Comes to the state behind a record; false where that cannot be known, as what it begins with has gone. */
async function replay(read: ReadPage, reducer: SegmentReducer, until: string): Promise<boolean> {
  const end = offsetOf(until);
  let isKnown = end === 0;
  await readRecords(
    read,
    (record) => {
      const offset = offsetOf(record.id);
      if (offset > end) return false;
      // Nothing is open behind an end, whatever was before it.
      isKnown ||= offset === 1 || !(record instanceof LogEntry);
      reducer.push(record);
      return offset < end;
    },
    () => {
      isKnown = false;
      reducer.interrupt();
    },
  );
  return isKnown;
}

function before(position: string): string {
  const { epoch, offset } = parsePosition(position)!;
  return formatPosition(epoch, offset - 1);
}

function offsetOf(position: string | undefined): number {
  return parsePosition(position ?? '')?.offset ?? 0;
}
