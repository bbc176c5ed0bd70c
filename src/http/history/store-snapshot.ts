import { LogEntry, type SessionRecord } from '../../entry/log-entry.js';
import { formatPosition, parsePosition, type Position } from '../../entry/position.js';
import type { SessionHistory, SessionStore } from '../../store/session-store.interface.js';
import type { HistoryPlace } from './history-page.js';

/** Records of the store read at once. */
export const STORE_PAGE = 500;

/** What a store holds of a session at one time. */
export interface StoreSnapshot {
  /** Of all records. */
  readonly uids: ReadonlySet<string>;
  /** The first that are wanted and not given yet, one more than fit on a page. They may have left the store by now. */
  readonly first: readonly SessionRecord[];
  /** Position before the first record, where there is any. */
  readonly begin: string | undefined;
  /** Whether entries that it holds had others before them. */
  readonly isCut: boolean;
  /** Whether some have left it while it was read. */
  readonly isTorn: boolean;
}

/** Which records are kept. */
interface Wanted {
  readonly sessionId: string;
  readonly limit: number;
  readonly isWanted: (record: SessionRecord) => boolean;
}

/** @param place behind which entry the page goes on */
export async function takeSnapshot(
  store: SessionStore,
  { sessionId, limit, isWanted }: Wanted,
  place: HistoryPlace,
): Promise<StoreSnapshot> {
  const uids = new Set<string>();
  const first: SessionRecord[] = [];
  let oldest: SessionRecord | undefined;
  let hasEntries = false;
  let isTorn = false;
  for await (const { records, gap } of pagesOf(store, sessionId)) {
    oldest ??= records[0];
    isTorn ||= gap !== undefined;
    for (const record of records) {
      uids.add(record.uid);
      hasEntries ||= record instanceof LogEntry;
      if (record.uid === place.uid) dropGiven(first, place);
      else if (first.length <= limit && isWanted(record)) first.push(record);
    }
  }
  const begin = oldest && before(oldest);
  const isCut = hasEntries && begin !== undefined && begin.offset > 0;
  return { uids, first, begin: begin && formatPosition(begin.epoch, begin.offset), isCut, isTorn };
}

async function* pagesOf(store: SessionStore, sessionId: string): AsyncGenerator<SessionHistory, undefined> {
  let after: string | undefined;
  for (let more = true; more;) {
    const page = await store.history(sessionId, after, STORE_PAGE);
    yield page;
    ({ more, position: after } = page);
  }
}

/** Who was given an entry by the store was given all before it; a file may have it before the store does. */
function dropGiven(records: SessionRecord[], { position }: HistoryPlace): void {
  if (position !== undefined) records.length = 0;
}

function before({ id }: SessionRecord): Position {
  const { epoch, offset } = parsePosition(id!)!;
  return { epoch, offset: offset - 1 };
}
