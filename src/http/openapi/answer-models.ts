import type { ListedSession, ListedSessions } from '../session-list.controller.js';
import { MAX_ERRORS, type LineError } from '../writing/parse-entries.js';
import { SESSION_ID } from './entry-models.js';
import { model } from './model.js';
import { ref, type Schema } from './schema.js';

const TIME: Schema = { type: 'string', format: 'date-time' };

export const LISTED_SESSION = model<ListedSession>('ListedSession', {
  description: 'A session of a list.',
  properties: {
    sessionId: SESSION_ID,
    state: { type: 'string', enum: ['open', 'completed', 'error', 'cancelled'] },
    firstAt: { ...TIME, description: 'When its first entry was logged.' },
    lastAt: { ...TIME, description: 'When its last entry was logged.' },
    entries: { type: 'integer', minimum: 0, description: 'What is stored of it, ends included.' },
    readers: { type: 'integer', minimum: 0, description: 'Readers at the process that answers.' },
    position: { type: 'string', example: '7f3a0-12' },
  },
});

export const LISTED_SESSIONS = model<ListedSessions>('ListedSessions', {
  description: 'A page of sessions. It may be short, even empty; go on while there is a cursor.',
  properties: {
    sessions: { type: 'array', items: ref('ListedSession') },
    cursor: { type: 'string', description: '`cursor` of the next page; missing on the last one.' },
  },
  optional: ['cursor'],
});

export const ACCEPTED_ENTRIES = model<{ accepted: number }>('AcceptedEntries', {
  description: 'How many entries were logged.',
  properties: { accepted: { type: 'integer', minimum: 1 } },
});

const LINE_ERROR: { [Key in keyof LineError]: Schema } = {
  line: { type: 'integer', minimum: 1 },
  code: { type: 'string', example: 'INVALID_JSON' },
  message: { type: 'string' },
};

/** What an error is answered with. */
interface ErrorBody {
  readonly statusCode: number;
  readonly message: string | string[];
  readonly error?: string;
  readonly code?: string;
  readonly errors?: readonly LineError[];
}

export const SESSION_LOG_ERROR = model<ErrorBody>('SessionLogError', {
  description: 'Why a request was refused.',
  properties: {
    statusCode: { type: 'integer', example: 400 },
    message: { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
    error: { type: 'string', description: 'The name of the status.', example: 'Bad Request' },
    code: { type: 'string', description: 'For programs to branch on.', example: 'STORE_UNAVAILABLE' },
    errors: {
      type: 'array',
      maxItems: MAX_ERRORS,
      description: 'What is wrong with which line of a batch.',
      items: { type: 'object', properties: LINE_ERROR, required: Object.keys(LINE_ERROR) },
    },
  },
  optional: ['error', 'code', 'errors'],
});
