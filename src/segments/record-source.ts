import type { Gap } from '../entry/gap.js';
import type { SessionRecord } from '../entry/log-entry.js';

/** A page of a session. */
export interface RecordPage {
  readonly records: readonly SessionRecord[];
  readonly position: string;
  readonly more: boolean;
  readonly gap: Gap | undefined;
}

/** Gives what a session has, page by page. */
export type ReadPage = (after: string | undefined, limit: number) => Promise<RecordPage>;

/** What is told of a session that is followed. */
export interface RecordListener {
  /** Each record, in order. */
  record(record: SessionRecord): void;
  gap(gap: Gap): void;
}

/** Where records are from. */
export interface RecordSource {
  read: ReadPage;
  /** Gives a result for each entry, which the listener has had by then, and ends with the session. */
  follow(from: string, to: RecordListener): AsyncIterator<unknown, undefined>;
}

const PAGE = 1_000;

/**
 * Hands over the records of a session in order, from the oldest that there is.
 *
 * @param take returns false to have no more
 * @param onGap told of what is missing before the record that comes next: of another log, where its reason is `epoch`
 * @returns where the last page ended
 */
export async function readRecords(
  read: ReadPage,
  take: (record: SessionRecord) => boolean,
  onGap: (gap: Gap) => void,
): Promise<string> {
  let page: RecordPage | undefined;
  do {
    page = await read(page?.position, PAGE);
    if (page.gap !== undefined) onGap(page.gap);
    for (const record of page.records) if (!take(record)) return page.position;
  } while (page.more);
  return page.position;
}
