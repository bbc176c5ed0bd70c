import { LOG_ENTRY_LEVELS, LOG_TYPES } from '../../../entry/log-entry.js';
import { FROM_PATTERN } from '../../stream-request.js';
import { LOG_ENTRY, SESSION_END_EVENT, SESSION_GAP } from '../entry-models.js';
import { SESSION_LOG_ERROR } from '../answer-models.js';
import { refused, SESSION_PARAMETER, type Operation } from '../operation.js';
import { ref } from '../schema.js';

const EVENTS = `The stream: what was logged before, then what is logged, until the session ends. The data of each event is JSON:

- an event without a name is an entry, \`LogEntry\`; its \`id\` is where to resume
- \`position\`: where the reader stands, as its \`id\`; the data is \`{}\`
- \`gap\`: entries that can no longer be given, \`SessionGap\`
- \`end\`: the session has ended, \`SessionEndEvent\`; the stream closes

\`retry:\` says how long to wait before coming back, and comments break the silence. In passing trouble the stream has a \`retry:\` alone.`;

/** `GET /<path>/:sessionId`. */
export const streamOperation: Operation = {
  handler: 'stream',
  action: 'read',
  summary: 'Follow a session',
  description:
    'Server-Sent Events, for an `EventSource`: history first, then live. There need not be such a session yet.',
  parameters: [
    SESSION_PARAMETER,
    {
      in: 'header',
      name: 'Last-Event-ID',
      description:
        'Resume behind this event; browsers send it by themselves. An id that is none is told as a gap.',
      schema: { type: 'string', example: '7f3a0-12' },
    },
    {
      in: 'query',
      name: 'lastEventId',
      description: 'The same, for clients that cannot set headers.',
      schema: { type: 'string', example: '7f3a0-12' },
    },
    {
      in: 'query',
      name: 'from',
      description: 'Where to begin: `start`, `now`, or behind the event of this id.',
      schema: { type: 'string', pattern: FROM_PATTERN.source, default: 'start' },
    },
    {
      in: 'query',
      name: 'type',
      description: 'Only entries of this type.',
      schema: { type: 'string', enum: [...LOG_TYPES] },
    },
    {
      in: 'query',
      name: 'level',
      description: 'Entries of type `log` of this level or a graver one; others are not left out.',
      schema: { type: 'string', enum: [...LOG_ENTRY_LEVELS] },
    },
  ],
  responses: {
    200: { description: EVENTS, content: { 'text/event-stream': { schema: ref(LOG_ENTRY.name) } } },
    204: { description: 'The session has ended and everything was read: do not come back.' },
    400: refused('The session id, `from`, `type` or `level` is wrong.'),
  },
  models: [LOG_ENTRY, SESSION_GAP, SESSION_END_EVENT, SESSION_LOG_ERROR],
};
