import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import { SessionEnd } from '../entry/session-end.js';
import { formatPosition } from '../entry/position.js';

/** What a record is in Redis: itself as JSON, without the session and the position, which its key and id tell. */
type StoredRecord = Omit<LogEntry, 'sessionId' | 'id'> & Partial<Pick<SessionEnd, 'reason' | 'error'>>;

/** What few entries have. */
const RARE = ['truncated', 'originalBytes', 'traceId', 'spanId', 'stack'] as const;

/** Writes a record as one line of JSON. */
export function encodeRecord(record: SessionRecord): string {
  if (!(record instanceof LogEntry)) {
    const { uid, timestamp, reason, error } = record;
    return JSON.stringify({ uid, timestamp, reason, error });
  }
  const { uid, timestamp, logType, message, level, context, data, truncated } = record;
  if (logType === 'chat' && (level ?? context ?? data ?? truncated) === undefined) {
    // By hand, as most entries are like this; uid and timestamp have nothing to escape.
    return `{"uid":"${uid}","timestamp":"${timestamp}","logType":"chat","message":${JSON.stringify(message)}}`;
  }
  const { originalBytes, traceId, spanId } = record;
  // One that is not enumerable is not for readers.
  const stack = Object.keys(record).includes('stack') ? record.stack : undefined;
  const known = { uid, timestamp, logType, message, level, context, data };
  return JSON.stringify({ ...known, truncated, originalBytes, traceId, spanId, stack });
}

/**
 * Reads a record back.
 *
 * @throws where the text is none of ours
 */
export function decodeRecord(text: string, sessionId: string, epoch: string, offset: number): SessionRecord {
  const stored = JSON.parse(text) as StoredRecord;
  if (typeof stored.uid !== 'string') throw new Error(`record ${offset} has no uid`);
  const record = stored.reason === undefined ? toEntry(stored, sessionId) : toEnd(stored, sessionId);
  (record as { id: string }).id = formatPosition(epoch, offset);
  return record;
}

function toEntry(stored: StoredRecord, sessionId: string): LogEntry {
  const { uid, message, timestamp, logType, level, context, data } = stored;
  const entry = new LogEntry(uid, sessionId, message, timestamp, logType, level, context, data);
  const more = RARE.filter((name) => stored[name] !== undefined).map((name) => [name, stored[name]] as const);
  return more.length === 0 ? entry : Object.assign(entry, Object.fromEntries(more));
}

function toEnd({ uid, timestamp, reason, error }: StoredRecord, sessionId: string): SessionEnd {
  return new SessionEnd(uid, sessionId, timestamp, reason!, error);
}
