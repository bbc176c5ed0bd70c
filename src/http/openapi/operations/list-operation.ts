import { DEFAULT_LIMIT, MAX_LIMIT } from '../../page-limit.js';
import { MAX_CURSOR } from '../../session-list.controller.js';
import { LISTED_SESSION, LISTED_SESSIONS, SESSION_LOG_ERROR } from '../answer-models.js';
import { json, limitParameter, refused, UNAVAILABLE, type Operation } from '../operation.js';

/** `GET /<path>`. */
export const listOperation: Operation = {
  handler: 'list',
  action: 'list',
  option: 'list',
  summary: 'List sessions',
  description: 'A page of the sessions that the client may see.',
  parameters: [
    limitParameter({ default: DEFAULT_LIMIT, maximum: MAX_LIMIT }),
    {
      in: 'query',
      name: 'cursor',
      description: 'Go on with the next page: the `cursor` of the one before.',
      schema: { type: 'string', maxLength: MAX_CURSOR },
    },
  ],
  responses: {
    200: json(LISTED_SESSIONS, 'A page.'),
    400: refused('`cursor` or `limit` is wrong.'),
    503: UNAVAILABLE,
  },
  models: [LISTED_SESSION, LISTED_SESSIONS, SESSION_LOG_ERROR],
};
