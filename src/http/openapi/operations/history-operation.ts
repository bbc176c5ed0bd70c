import { DEFAULT_LIMIT, MAX_LIMIT } from '../../page-limit.js';
import { AFTER_PATTERN, CURSOR_PATTERN } from '../../session-history.controller.js';
import { SESSION_LOG_ERROR } from '../answer-models.js';
import { LOG_ENTRY, SESSION_END, SESSION_GAP, SESSION_GAP_LINE } from '../entry-models.js';
import {
  FAILED,
  limitParameter,
  refused,
  SESSION_PARAMETER,
  UNAVAILABLE,
  type Operation,
} from '../operation.js';
import { ref, type Schema } from '../schema.js';

const TIME: Schema = { type: 'string', example: '2026-11-20T12:00:00Z' };

/** `GET /<path>/:sessionId/history`. */
export const historyOperation: Operation = {
  handler: 'history',
  action: 'history',
  option: 'history',
  summary: "Read a session's past",
  description:
    'A page of entries, ends and gaps, the oldest first, what only the daily files still hold included.',
  parameters: [
    SESSION_PARAMETER,
    limitParameter({ default: DEFAULT_LIMIT, maximum: MAX_LIMIT }),
    {
      in: 'query',
      name: 'cursor',
      description: 'Go on with the next page, as its `Link` said.',
      schema: { type: 'string', pattern: CURSOR_PATTERN.source },
    },
    {
      in: 'query',
      name: 'after',
      description: 'Begin behind the event of this id, in the store alone.',
      schema: { type: 'string', pattern: AFTER_PATTERN.source },
    },
    {
      in: 'query',
      name: 'from',
      description: 'Only what was logged at this time or later: ISO 8601.',
      schema: TIME,
    },
    {
      in: 'query',
      name: 'to',
      description: 'Only what was logged before this time: ISO 8601.',
      schema: TIME,
    },
  ],
  responses: {
    200: {
      description: 'NDJSON, a line each: an entry, an end, or a gap in whose place entries are missing.',
      headers: {
        Link: {
          description: 'The next page, where there is more: `<?cursor=…&limit=100>; rel="next"`.',
          schema: { type: 'string' },
        },
      },
      content: {
        'application/x-ndjson': {
          schema: { oneOf: [LOG_ENTRY, SESSION_END, SESSION_GAP_LINE].map(({ name }) => ref(name)) },
        },
      },
    },
    400: refused('The session id or a parameter is wrong.'),
    500: FAILED,
    503: UNAVAILABLE,
  },
  models: [LOG_ENTRY, SESSION_END, SESSION_GAP, SESSION_GAP_LINE, SESSION_LOG_ERROR],
};
