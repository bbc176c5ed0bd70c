import { SessionLoggerError } from '../session-logger.errors.js';
import type { EndReason } from '../entry/session-end.js';
import { formatPosition } from '../entry/position.js';
import type { SessionList, SessionSummary } from '../store/session-store.interface.js';
import type { RedisLink } from './redis-link.js';
import type { SessionKeys } from './session-keys.js';
import { NO_EPOCH } from './session-watch.js';
import type { Watches } from './watches.js';

/** Keys that one step of a scan looks at. */
const SCAN_COUNT = 1_000;

/**
 * A page of the sessions in Redis, by a scan over its keys, which gives each session that is there all the while.
 * The cursor is `<node>.<cursor of its scan>`.
 *
 * @param limit about so many; a step of the scan may bring more
 * @throws SessionLoggerError `INVALID_READ_OPTION` where the cursor is none, `STORE_UNAVAILABLE`
 */
export async function listSessions(
  link: RedisLink,
  keys: SessionKeys,
  watches: Watches,
  cursor: string | undefined,
  limit: number,
): Promise<SessionList> {
  let [node, at] = parseCursor(cursor);
  const found: string[] = [];
  do {
    const [next, names] = await link.scan(node, at, keys.metaPattern, Math.min(limit, SCAN_COUNT));
    found.push(...names.map((name) => keys.sessionOf(name)));
    at = next;
    if (at === '0') node++;
  } while (found.length < limit && node < link.nodes().length);
  const summaries = await Promise.all(found.map((id) => summaryOf(watches, id)));
  const sessions = summaries.filter((summary) => summary !== undefined);
  return { sessions, cursor: node < link.nodes().length ? `${node}.${at}` : undefined };
}

/** Undefined for a session that is gone, or that something else has written to. */
async function summaryOf(watches: Watches, sessionId: string): Promise<SessionSummary | undefined> {
  try {
    const { state, firstAt, lastAt } = await watches.summary(sessionId);
    if (state.epoch === NO_EPOCH) return undefined;
    const { epoch, last, first, ended } = state;
    return {
      sessionId,
      records: last - first + 1,
      position: formatPosition(epoch, last),
      firstAt,
      lastAt,
      readers: watches.get(sessionId)?.readers.size ?? 0,
      ended: ended === '' ? undefined : (ended as EndReason),
    };
  } catch (error) {
    if (error instanceof SessionLoggerError && error.code === 'BROKEN_SESSION') return undefined;
    throw error;
  }
}

/** What Redis gives as a cursor is below 2^64. */
function parseCursor(cursor = '0.0'): [node: number, at: string] {
  const [, node, at] = /^(\d{1,5})\.(\d{1,20})$/.exec(cursor) ?? [];
  if (at !== undefined && BigInt(at) < 2n ** 64n) return [Number(node), at];
  throw new SessionLoggerError(
    'INVALID_READ_OPTION',
    `${JSON.stringify(cursor.slice(0, 64))} is no cursor of a list; expected that of the page before. Leave it out to begin anew.`,
    { details: { option: 'cursor' } },
  );
}
