import { currentSessionId } from './current-session.js';
import { invalidInput } from './invalid-input.js';
import {
  isUtcTimestamp,
  LOG_ENTRY_LEVELS,
  LOG_TYPES,
  LogEntry,
  toJsonObject,
  type LogEntryInput,
} from './log-entry.js';
import { checkSessionId } from './session-id.js';
import { markTruncated, truncate } from './truncate.js';

/**
 * Makes an entry of what a caller gave: the rules of {@link LogEntry}'s decorators, written out by hand
 * because they stand on the path of every token. Null counts as missing; the session is the one around the
 * caller where none is given.
 *
 * @param now time of the call, ISO 8601
 * @param maxMessageBytes UTF-8 bytes beyond which a message is cut
 * @throws SessionLoggerError `INVALID_…`, which names the field and what was expected
 */
export function acceptEntry(
  input: LogEntryInput,
  uid: string,
  now: string,
  maxMessageBytes = Infinity,
): LogEntry {
  if (typeof input !== 'object' || input === null) {
    throw invalidInput('INVALID_ENTRY', 'entry', input, 'an object { sessionId, message, … }');
  }
  const { message, logType, level, context, timestamp } = input;
  const sessionId = input.sessionId ?? currentSessionId();
  checkSessionId(sessionId);
  if (typeof message !== 'string') throw invalidInput('INVALID_MESSAGE', 'message', message, 'a string');
  if (logType != null && !LOG_TYPES.includes(logType)) {
    throw invalidInput('INVALID_LOG_TYPE', 'logType', logType, `one of ${LOG_TYPES.join(', ')}`);
  }
  if (level != null && !LOG_ENTRY_LEVELS.includes(level)) {
    throw invalidInput('INVALID_LEVEL', 'level', level, `one of ${LOG_ENTRY_LEVELS.join(', ')}`);
  }
  if (context != null && typeof context !== 'string') {
    throw invalidInput('INVALID_CONTEXT', 'context', context, 'a string');
  }
  if (timestamp != null && !isUtcTimestamp(timestamp)) {
    throw invalidInput(
      'INVALID_TIMESTAMP',
      'timestamp',
      timestamp,
      'ISO 8601 in UTC, as Date#toISOString gives it',
    );
  }
  const text = message.toWellFormed();
  const cut = truncate(text, maxMessageBytes);
  const entry = new LogEntry(
    uid,
    sessionId,
    cut?.text ?? text,
    timestamp ?? now,
    logType ?? 'chat',
    level ?? undefined,
    context?.toWellFormed(),
    acceptData(input.data),
  );
  return markTruncated(entry, cut);
}

function acceptData(data: LogEntryInput['data']): LogEntry['data'] {
  if (data == null) return undefined;
  const copy = toJsonObject(data);
  if (copy === undefined) {
    throw invalidInput(
      'INVALID_DATA',
      'data',
      data,
      'an object that JSON can hold (no cycles, no BigInt, no array, at most 100 levels deep)',
    );
  }
  return copy;
}
