import type { Gap } from '../../entry/gap.js';
import { LOG_ENTRY_LEVELS, LOG_TYPES, LogEntry, type LogEntryInput } from '../../entry/log-entry.js';
import { END_REASONS, SessionEnd } from '../../entry/session-end.js';
import { SESSION_ID_PATTERN } from '../../entry/session-id.js';
import type { SegmentUpdate, SessionSegment } from '../../segments/session-segment.js';
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

export const SESSIONS_GAP = model<Gap & { sessionId: string }>('SessionsGap', {
  description: 'Data of the event `gap` of a stream of several sessions.',
  properties: { sessionId: SESSION_ID, ...SESSION_GAP.properties } as Record<keyof Gap | 'sessionId', Schema>,
});

export const SESSIONS_END = model<Pick<SessionEnd, 'sessionId' | 'reason' | 'error'>>('SessionsEnd', {
  description: 'Data of the event `session-end` of a stream of several sessions.',
  properties: {
    sessionId: SESSION_ID,
    reason: { type: 'string', enum: [...END_REASONS, 'deleted'] },
    error: ERROR,
  },
  optional: ['error'],
});

const KEY: Schema = { type: 'string', description: 'Which segment.', example: '7f3a0-12.0' };
/** Any JSON: without anything a schema is taken for one of an object. */
const ANY: Schema = { oneOf: [{}] };
const INPUT: Schema = { ...ANY, description: 'The arguments of a tool, complete.' };
const OUTPUT: Schema = { ...ANY, description: 'What a tool returned.' };
const TOOL_ERROR: Schema = { type: 'string', description: 'Why a tool, or the session, failed.' };

export const SESSION_SEGMENT = model<SessionSegment>('SessionSegment', {
  description: 'A part of a session, as one shows it.',
  properties: {
    key: { ...KEY, description: 'Tells it from the others of its session, for all readers alike.' },
    kind: { type: 'string', enum: ['text', 'reasoning', 'tool', 'log'] },
    timestamp: { ...TIME, description: 'Of the entry that it begins with.' },
    text: { type: 'string', description: 'So far; of a tool its arguments as they came.' },
    complete: { type: 'boolean', description: 'Whether no more text follows.' },
    context: CONTEXT,
    level: LEVEL,
    data: DATA,
    toolCallId: { type: 'string' },
    toolName: { type: 'string' },
    input: INPUT,
    output: OUTPUT,
    error: TOOL_ERROR,
  },
  optional: ['context', 'level', 'data', 'toolCallId', 'toolName', 'input', 'output', 'error'],
});

type AllKeys<T> = T extends unknown ? keyof T : never;
type AllOf<T> = { [Key in AllKeys<T>]: unknown };

export const SEGMENT_UPDATE = model<AllOf<SegmentUpdate>>('SegmentUpdate', {
  description:
    'What changes the segments that one has: `snapshot` brings `segments` in the place of all, `start` a `segment`, `delta` ' +
    'more `text` of the one with that `key`, `end` says that it is complete, `result` what a tool returned, and `finish` ' +
    'that the session had ended, though it went on.',
  properties: {
    type: { type: 'string', enum: ['snapshot', 'start', 'delta', 'end', 'result', 'finish'] },
    segments: { type: 'array', items: ref('SessionSegment') },
    missed: { type: 'integer', minimum: 1, description: 'Records of the beginning that are no longer kept.' },
    segment: ref('SessionSegment'),
    key: KEY,
    text: { type: 'string', description: 'To be added.' },
    input: INPUT,
    output: OUTPUT,
    error: TOOL_ERROR,
    reason: { type: 'string', enum: [...END_REASONS] },
  },
  optional: ['segments', 'missed', 'segment', 'key', 'text', 'input', 'output', 'error', 'reason'],
});

export const SESSION_GAP_LINE = model<{ gap: Gap }>('SessionGapLine', {
  description: 'A line of a history in whose place entries are missing.',
  properties: { gap: { allOf: [ref('SessionGap')] } },
});
