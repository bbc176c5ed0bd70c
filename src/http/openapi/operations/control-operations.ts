import { MAX_REASON } from '../../session-control.controller.js';
import { SESSION_LOG_ERROR } from '../answer-models.js';
import { FAILED, refused, SESSION_PARAMETER, UNAVAILABLE, type Operation } from '../operation.js';

/** `POST /<path>/:sessionId/cancel`. */
export const cancelOperation: Operation = {
  handler: 'cancel',
  action: 'cancel',
  option: 'cancel',
  summary: 'Cancel a session',
  description: 'A stop button: tells whoever produces the session to stop, and ends it as `cancelled`.',
  parameters: [SESSION_PARAMETER],
  body: {
    types: ['application/json'],
    required: false,
    description: 'Why, if the client wants to say so.',
    schema: { type: 'object', properties: { reason: { type: 'string', maxLength: MAX_REASON } } },
  },
  responses: {
    204: { description: 'The cancel is accepted.' },
    400: refused('The session id or the reason is wrong.'),
    503: UNAVAILABLE,
  },
  models: [SESSION_LOG_ERROR],
};

/** `DELETE /<path>/:sessionId`. */
export const deleteOperation: Operation = {
  handler: 'delete',
  action: 'delete',
  option: 'delete',
  summary: 'Delete a session',
  description: 'Removes what is stored of a session; its readers are told an end with the reason `deleted`.',
  parameters: [
    SESSION_PARAMETER,
    {
      in: 'query',
      name: 'files',
      description: 'Whether its lines are removed from the daily files, too.',
      schema: { type: 'string', enum: ['true', 'false'], default: 'false' },
    },
  ],
  responses: {
    204: { description: 'It is deleted, whether there was one or not.' },
    400: refused(
      'The session id or `files` is wrong, or the daily files are of a format that cannot be searched.',
    ),
    500: FAILED,
    503: UNAVAILABLE,
  },
  models: [SESSION_LOG_ERROR],
};
