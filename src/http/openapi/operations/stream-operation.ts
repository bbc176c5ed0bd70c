import { LOG_ENTRY_LEVELS, LOG_TYPES } from '../../../entry/log-entry.js';
import { MOST_SESSIONS } from '../../several/sessions-request.js';
import { FROM_PATTERN, STREAM_FORMATS, STREAM_VIEWS } from '../../stream-request.js';
import {
  LOG_ENTRY,
  SEGMENT_UPDATE,
  SESSION_END_EVENT,
  SESSION_GAP,
  SESSION_SEGMENT,
  SESSIONS_END,
  SESSIONS_GAP,
} from '../entry-models.js';
import { SESSION_LOG_ERROR } from '../answer-models.js';
import { refused, SESSION_PARAMETER, type Operation, type Parameter } from '../operation.js';
import { ref } from '../schema.js';

const EVENTS = `The stream: what was logged before, then what is logged, until the session ends. The data of each event is JSON:

- an event without a name is an entry, \`LogEntry\`, or with \`view=segments\` what changes the segments, \`SegmentUpdate\`; its \`id\` is where to resume
- \`position\`: where the reader stands, as its \`id\`; the data is \`{}\`
- \`gap\`: entries that can no longer be given, \`SessionGap\`
- \`end\`: the session has ended, \`SessionEndEvent\`; the stream closes

\`retry:\` says how long to wait before coming back, and comments break the silence. In passing trouble the stream has a \`retry:\` alone.

With \`format=ui-message\` the events are those of a UI message stream of the AI SDK, with neither names nor ids; with \`format=text\` there are none.`;

const SEVERAL_EVENTS = `The stream: what was logged before, then what is logged, until all sessions have ended. The data of each event is JSON, and its \`id\` is where to resume in all sessions:

- an event without a name is an entry, \`LogEntry\`
- \`position\`: where the reader stands, as its \`id\`; the data is \`{}\`
- \`gap\`: entries of a session that can no longer be given, \`SessionsGap\`
- \`session-end\`: a session has ended, \`SessionsEnd\`
- \`end\`: all sessions have, \`SessionEndEvent\`; the stream closes

\`retry:\` and comments are as in the stream of one session.`;

const RESUME: readonly Parameter[] = [
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
];

const FILTERS: readonly Parameter[] = [
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
];

/** `GET /<path>/:sessionId`. */
export const streamOperation: Operation = {
  handler: 'stream',
  action: 'read',
  summary: 'Follow a session',
  description:
    'Server-Sent Events, for an `EventSource`: history first, then live. There need not be such a session yet.',
  parameters: [
    SESSION_PARAMETER,
    ...RESUME,
    {
      in: 'query',
      name: 'from',
      description: 'Where to begin: `start`, `now`, or behind the event of this id.',
      schema: { type: 'string', pattern: FROM_PATTERN.source, default: 'start' },
    },
    ...FILTERS,
    {
      in: 'query',
      name: 'view',
      description:
        'Entries as they were logged, or what changes the segments that one shows: first a snapshot.',
      schema: { type: 'string', enum: [...STREAM_VIEWS], default: 'entries' },
    },
    {
      in: 'query',
      name: 'format',
      description:
        '`json`; `text`, the answers alone, or with `type=log` the lines; or `ui-message`, the reply that is under way for ' +
        '`useChat` of the AI SDK, from its beginning, or with `from=start` the last one, also where it has ended.',
      schema: { type: 'string', enum: [...STREAM_FORMATS], default: 'json' },
    },
  ],
  responses: {
    200: {
      description: EVENTS,
      content: {
        'text/event-stream': { schema: { oneOf: [ref(LOG_ENTRY.name), ref(SEGMENT_UPDATE.name)] } },
        'text/plain': { schema: { type: 'string' } },
      },
    },
    204: {
      description:
        'The session has ended and everything was read: do not come back. With `format=ui-message`: no reply is under way.',
    },
    400: refused('The session id, `from`, `type`, `level`, `view` or `format` is wrong.'),
    503: refused('With `format` `text` or `ui-message`: the session cannot be opened at present.'),
  },
  models: [LOG_ENTRY, SESSION_SEGMENT, SEGMENT_UPDATE, SESSION_GAP, SESSION_END_EVENT, SESSION_LOG_ERROR],
};

/** `GET /<path>/stream?sessions=`. */
export const severalOperation: Operation = {
  handler: 'streams',
  action: 'read',
  summary: 'Follow several sessions',
  description:
    'As one follows a single session, over one connection. Who may not read one of them may read none, ' +
    'nor may anybody where guards alone decide, as they decide about a request and not about each session.',
  parameters: [
    {
      in: 'query',
      name: 'sessions',
      required: true,
      description: `Up to ${MOST_SESSIONS} session ids, separated by commas.`,
      schema: { type: 'string', example: 'chat-1,chat-2' },
    },
    ...RESUME,
    {
      in: 'query',
      name: 'from',
      description: 'Where each session begins that the id does not tell.',
      schema: { type: 'string', enum: ['start', 'now'], default: 'start' },
    },
    ...FILTERS,
  ],
  responses: {
    200: {
      description: SEVERAL_EVENTS,
      content: { 'text/event-stream': { schema: ref(LOG_ENTRY.name) } },
    },
    204: { description: 'All sessions have ended and everything was read: do not come back.' },
    400: refused('`sessions`, `from`, `type` or `level` is wrong.'),
  },
  models: [LOG_ENTRY, SESSIONS_GAP, SESSIONS_END, SESSION_END_EVENT, SESSION_LOG_ERROR],
};
