import { SessionLoggerError, type SessionLoggerErrorCode } from '../session-logger.errors.js';
import {
  isUtcTimestamp,
  LOG_ENTRY_LEVELS,
  LOG_TYPES,
  LogEntry,
  toJsonObject,
  type LogEntryInput,
} from './log-entry.js';
import { isSessionId, SESSION_ID_RULE } from './session-id.js';
import { truncate } from './truncate.js';

/** Throws `INVALID_SESSION_ID` unless `sessionId` can name a session. */
export function checkSessionId(sessionId: unknown): asserts sessionId is string {
  if (!isSessionId(sessionId)) {
    throw invalid('INVALID_SESSION_ID', 'sessionId', sessionId, SESSION_ID_RULE);
  }
}

/**
 * Makes an entry of what a caller gave: the rules of {@link LogEntry}'s decorators, written out by hand
 * because they stand on the path of every token. Null counts as missing.
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
    throw invalid('INVALID_ENTRY', 'entry', input, 'an object { sessionId, message, … }');
  }
  const { sessionId, message, logType, level, context, timestamp } = input;
  checkSessionId(sessionId);
  if (typeof message !== 'string') throw invalid('INVALID_MESSAGE', 'message', message, 'a string');
  if (logType != null && !LOG_TYPES.includes(logType)) {
    throw invalid('INVALID_LOG_TYPE', 'logType', logType, `one of ${LOG_TYPES.join(', ')}`);
  }
  if (level != null && !LOG_ENTRY_LEVELS.includes(level)) {
    throw invalid('INVALID_LEVEL', 'level', level, `one of ${LOG_ENTRY_LEVELS.join(', ')}`);
  }
  if (context != null && typeof context !== 'string') {
    throw invalid('INVALID_CONTEXT', 'context', context, 'a string');
  }
  if (timestamp != null && !isUtcTimestamp(timestamp)) {
    throw invalid(
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
  return cut === undefined
    ? entry
    : Object.assign(entry, { truncated: true as const, originalBytes: cut.originalBytes });
}

function acceptData(data: LogEntryInput['data']): LogEntry['data'] {
  if (data == null) return undefined;
  const copy = toJsonObject(data);
  if (copy === undefined) {
    throw invalid(
      'INVALID_DATA',
      'data',
      data,
      'an object that JSON can hold (no cycles, no BigInt, no array, at most 100 levels deep)',
    );
  }
  return copy;
}

function invalid(
  code: SessionLoggerErrorCode,
  field: string,
  value: unknown,
  expected: string,
): SessionLoggerError {
  const shown =
    typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : `a value of type ${typeName(value)}`;
  return new SessionLoggerError(code, `${field} is ${shown}; expected ${expected}.`);
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
