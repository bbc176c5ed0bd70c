import type { ResolvedOptions } from '../../../options/resolve-options.js';
import { KEY_PATTERN } from '../../session-write.controller.js';
import { MAX_ENTRIES } from '../../writing/parse-entries.js';
import { NDJSON } from '../../writing/read-entries.js';
import { ACCEPTED_ENTRIES, SESSION_LOG_ERROR } from '../answer-models.js';
import { LOG_ENTRY_INPUT } from '../entry-models.js';
import { json, refused, SESSION_PARAMETER, UNAVAILABLE, type Operation } from '../operation.js';
import { ref } from '../schema.js';

const grouped = (count: number): string => count.toLocaleString('en-US');

/** `POST /<path>/:sessionId`. */
export const writeOperation = ({ writeBytes }: ResolvedOptions['http']): Operation => ({
  handler: 'write',
  action: 'write',
  option: 'write',
  summary: 'Log entries',
  description: 'Logs one entry, or all lines of a batch, or nothing.',
  parameters: [
    SESSION_PARAMETER,
    {
      in: 'header',
      name: 'Idempotency-Key',
      description:
        'A retry with the same key and entries within 24 hours gets the same answer, and logs nothing.',
      schema: { type: 'string', pattern: KEY_PATTERN.source, minLength: 1, maxLength: 255 },
    },
  ],
  body: {
    types: ['application/json', ...NDJSON],
    required: true,
    description: 'One entry as JSON, or as NDJSON a line each.',
    schema: ref(LOG_ENTRY_INPUT.name),
  },
  responses: {
    202: {
      ...json(ACCEPTED_ENTRIES, 'Logged; with an `Idempotency-Key`, stored.'),
      headers: {
        'Idempotency-Replayed': {
          description: '`true` where this is the answer of the first request with this key.',
          schema: { type: 'string', enum: ['true'] },
        },
      },
    },
    400: refused(
      'Nothing was logged: the session id or the key is wrong, there is no body, or lines of it are wrong, the first of ' +
        'which `errors` names.',
    ),
    409: refused('A request with this `Idempotency-Key` is under way; try again in a second.'),
    413: refused(`More than ${grouped(writeBytes)} bytes or ${grouped(MAX_ENTRIES)} entries.`),
    415: refused('Neither JSON nor NDJSON, or compressed.'),
    422: refused('This `Idempotency-Key` was used for another body.'),
    503: UNAVAILABLE,
  },
  models: [LOG_ENTRY_INPUT, ACCEPTED_ENTRIES, SESSION_LOG_ERROR],
});
