import type { Gap } from '../../entry/gap.js';
import { LOG_ENTRY_LEVELS, LOG_TYPES, LogEntry, type LogEntryInput } from '../../entry/log-entry.js';
import { END_REASONS, SessionEnd } from '../../entry/session-end.js';
import { SESSION_ID_PATTERN } from '../../entry/session-id.js';
import { model } from './model.js';
import { ref, type Schema } from './schema.js';

/** The id of a session. */
export const SESSION_ID: Schema = {
  type: 'string',
  description: '1 to 128 characters of `A-Z a-z 0-9 . _ ~ : @ -`, and not `.` or `..`.',
  pattern: SESSION_ID_PATTERN.source,
  minLength: 1,
  maxLength: 128,
  example: 'chat-1',
};

const POSITION: Schema = {
  type: 'string',
  description: 'Position in the session log, `<epoch>-<offset>`.',
  pattern: '^[A-Za-z0-9]{1,64}-\\d{1,16}$',
  example: '7f3a0-12',
};
const UID: Schema = { type: 'string', description: '`<process>-<n>`, given when the log accepted it.' };
const TIME: Schema = { type: 'string', format: 'date-time', description: 'ISO 8601, UTC.' };
const MESSAGE: Schema = { type: 'string', example: 'Hello' };
const LOG_TYPE: Schema = {
  type: 'string',
  enum: [...LOG_TYPES],
  description: 'A chunk of the conversation, or a line about it.',
};
const LEVEL: Schema = {
  type: 'string',
  enum: [...LOG_ENTRY_LEVELS],
  description: 'Severity, for entries of type `log`.',
};
const CONTEXT: Schema = { type: 'string', description: 'Which part of the application speaks.' };
const DATA: Schema = { type: 'object', additionalProperties: true, description: 'Anything else.' };

export const LOG_ENTRY = model<LogEntry>('LogEntry', {
  type: LogEntry,
  description: 'One message of one session.',
  properties: {
    uid: UID,
    sessionId: SESSION_ID,
    message: MESSAGE,
    timestamp: TIME,
    logType: LOG_TYPE,
    level: LEVEL,
    context: CONTEXT,
    data: DATA,
    id: { ...POSITION, description: 'Position in the session log; entries read from files have none.' },
    truncated: { type: 'boolean', enum: [true], description: 'The message was too long and has been cut.' },
    originalBytes: { type: 'integer', description: 'How long a message that has been cut was, in UTF-8.' },
    traceId: { type: 'string', pattern: '^[0-9a-f]{32}$', description: 'Trace that it was logged in.' },
    spanId: { type: 'string', pattern: '^[0-9a-f]{16}$', description: 'Span that it was logged in.' },
    stack: { type: 'string', description: 'Stack of the error that was logged, where readers may see it.' },
  },
  optional: ['level', 'context', 'data', 'id', 'truncated', 'originalBytes', 'traceId', 'spanId', 'stack'],
});

export const LOG_ENTRY_INPUT = model<LogEntryInput>('LogEntryInput', {
  description: 'An entry that is to be logged.',
  properties: {
    sessionId: { ...SESSION_ID, description: 'That of the path; better left out.' },
    message: MESSAGE,
    logType: { ...LOG_TYPE, default: 'chat' },
    level: LEVEL,
    context: CONTEXT,
    data: DATA,
    timestamp: { ...TIME, description: 'ISO 8601, UTC. Without it, the time of the request.' },
  },
  optional: ['sessionId', 'logType', 'level', 'context', 'data', 'timestamp'],
});

const ERROR: Schema = {
  type: 'string',
  description: 'What failed, or what was said about a cancel.',
};

export const SESSION_END = model<SessionEnd>('SessionEnd', {
  type: SessionEnd,
  description: 'How a session ended. Another entry reopens it.',
  properties: {
    uid: UID,
    sessionId: SESSION_ID,
    timestamp: TIME,
    reason: { type: 'string', enum: [...END_REASONS] },
    error: ERROR,
    id: POSITION,
  },
  optional: ['error'],
});

export const SESSION_END_EVENT = model<Pick<SessionEnd, 'reason' | 'error'>>('SessionEndEvent', {
  description: 'Data of the event `end`.',
  properties: { reason: { type: 'string', enum: [...END_REASONS, 'deleted'] }, error: ERROR },
  optional: ['error'],
});

export const SESSION_GAP = model<Gap>('SessionGap', {
  description: 'Entries that can no longer be given.',
  properties: {
    reason: {
      type: 'string',
      enum: ['malformed', 'epoch', 'future', 'evicted'],
      description:
        'Why: the position was none, is of a log that is gone, lies behind the newest entry, or what followed it has ' +
        'been dropped.',
    },
    resumedAt: { ...POSITION, description: 'Position behind which it goes on; always there in a stream.' },
    missed: {
      type: 'integer',
      minimum: 0,
      nullable: true,
      description: 'How many are missing, or null where that is not known.',
    },
  },
  optional: ['resumedAt'],
});

export const SESSION_GAP_LINE = model<{ gap: Gap }>('SessionGapLine', {
  description: 'A line of a history in whose place entries are missing.',
  properties: { gap: { allOf: [ref('SessionGap')] } },
});
