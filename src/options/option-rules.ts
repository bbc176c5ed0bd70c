import { inspect } from 'node:util';
import type { SessionTokens } from '../entry/special-tokens.js';
import { SessionLoggerError } from '../session-logger.errors.js';
import type { SessionContextOptions } from './context-options.js';
import type {
  SessionHttpOptions,
  SessionLoggerLimits,
  SessionLoggerOptions,
  SessionOpenApiOptions,
  SessionViewerOptions,
} from './session-logger-options.js';
import type { DailyFileOptions } from '../sinks/file/daily-file.sink.js';
import { PRESETS } from '../redaction/presets.js';
import type { RedactOptions } from '../redaction/redact-options.js';
import { isRedactPath, isRedactPattern } from '../redaction/redact-rules.js';
import type { LogSink } from '../sinks/log-sink.interface.js';
import type { SessionTelemetry } from '../telemetry/session-telemetry.interface.js';
import type { SessionStore } from '../store/session-store.interface.js';

type Rule = readonly [isValid: (value: unknown) => boolean, expected: string];
type Rules<T> = { readonly [Key in keyof Required<T>]: Rule };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isFunction = (value: unknown): boolean => typeof value === 'function';
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
/** The longest delay that a timer can keep, 2^31 - 1 ms: beyond it Node fires at once. */
const isDelay = (value: unknown): boolean => isCount(value) && (value as number) < 2 ** 31;

/** One of the places of a session id, by its name. */
const isSource = (value: unknown): boolean =>
  isFunction(value) ||
  (isObject(value) &&
    Object.keys(value).length === 1 &&
    ['param', 'header', 'cookie'].some((key) => isText(value[key])));

const FLAG: Rule = [isBoolean, 'true or false'];
const COUNT: Rule = [isCount, 'a whole number above 0'];
const DELAY: Rule = [isDelay, 'a whole number of milliseconds from 1 to 2,147,483,647'];
const AGE: Rule = [
  (value) => value === false || isCount(value),
  'a whole number of milliseconds, or false for none',
];
const TOKEN: Rule = [isText, 'a text that is not empty'];

const STORE_METHODS: readonly (keyof SessionStore)[] = [
  'start',
  'append',
  'open',
  'takeTurn',
  'history',
  'list',
  'sessions',
  'entries',
  'stats',
  'closeReaders',
];

const TELEMETRY_METHODS: readonly (keyof SessionTelemetry)[] = ['start', 'activeSpan', 'delivered', 'stop'];

const RULES: Rules<SessionLoggerOptions> = {
  name: [
    (value) => isText(value) && /^[A-Za-z0-9_-]{1,64}$/.test(value),
    "1 to 64 letters, digits, - and _, such as 'audit'",
  ],
  isGlobal: FLAG,
  autoStart: FLAG,
  files: [(value) => value === false || isObject(value), 'an object, or false for no file'],
  terminal: [
    (value) => isBoolean(value) || (isObject(value) && isFunction(value.handler)),
    'true, false or { handler: (message) => string | undefined }',
  ],
  tokens: [isObject, 'an object such as { reasoningStop: "</think>" }'],
  limits: [isObject, 'an object such as { sessionEntries: 10000 }'],
  context: [isObject, "an object such as { from: { header: 'x-session-id' }, capture: true }"],
  redact: [isObject, "an object such as { patterns: ['bearer', 'sk'], paths: ['data.password'] }"],
  telemetry: [
    (value) => isObject(value) && TELEMETRY_METHODS.every((method) => isFunction(value[method])),
    `a SessionTelemetry, such as openTelemetry(): an object with ${TELEMETRY_METHODS.join(', ')}`,
  ],
  store: [
    (value) => isObject(value) && STORE_METHODS.every((method) => isFunction(value[method])),
    `a SessionStore: an object with ${STORE_METHODS.join(', ')}`,
  ],
  sinks: [
    (value) =>
      Array.isArray(value) &&
      value.every((sink) => isObject(sink) && isText(sink.name) && isFunction(sink.write)),
    'an array of { name, write(entries) }',
  ],
  onSinkFailure: [(value) => value === 'throw' || value === 'degrade', "'throw' or 'degrade'"],
  onStoreFailure: [(value) => value === 'throw' || value === 'buffer', "'throw' or 'buffer'"],
  http: [(value) => value === false || isObject(value), 'an object, or false for no endpoint'],
  viewer: [(value) => isBoolean(value) || isObject(value), 'true, false or { path }'],
};

const FILES_RULES: Rules<DailyFileOptions> = {
  dir: [isText, 'the path of a directory, or files: false for no file'],
  retention: [
    (value) => value === false || value === 0 || isCount(value),
    'a number of days, or false to keep all files',
  ],
  format: [
    (value) => value === 'json' || value === 'text' || isFunction(value),
    "'json', 'text' or a function (entry) => line",
  ],
  durability: [(value) => value === 'os' || value === 'fsync', "'os' or 'fsync'"],
  maxSize: [
    (value) => isCount(value) || (isText(value) && /^[1-9]\d*[kmg]$/i.test(value)),
    "a number of bytes or a text such as '20m'; leave it out for no limit",
  ],
  compress: FLAG,
  utc: FLAG,
};

const pathLike = (example: string): Rule => [
  (value) => isText(value) && /[^/]/.test(value) && !/[:*{}()?\s]/.test(value),
  `a path without parameters, such as '${example}'`,
];

const VIEWER_RULES: Rules<SessionViewerOptions> = { path: pathLike('session-logs') };

const HTTP_RULES: Rules<SessionHttpOptions> = {
  path: pathLike('logs'),
  guards: [
    (value) =>
      Array.isArray(value) &&
      value.every((guard) => isFunction(guard) || (isObject(guard) && isFunction(guard.canActivate))),
    'an array of guard classes or instances',
  ],
  authorize: [
    (value) => value === 'none' || isFunction(value),
    "a function (request, sessionId, action) that returns true, false or a grant, or 'none' to let everybody in",
  ],
  heartbeat: [(value) => value === false || isDelay(value), `${DELAY[1]}, or false for none`],
  retry: DELAY,
  writeTimeout: [(value) => value === false || isDelay(value), `${DELAY[1]}, or false to wait for ever`],
  cancel: FLAG,
  list: FLAG,
  history: FLAG,
  write: FLAG,
  writeBytes: COUNT,
  delete: FLAG,
  openapi: [
    (value) => value === false || isObject(value),
    "an object such as { security: ['bearer'] }, or false for none",
  ],
};

const OPENAPI_RULES: Rules<SessionOpenApiOptions> = {
  tag: [isText, "a text such as 'session logs'"],
  security: [
    (value) => Array.isArray(value) && value.every(isText),
    "an array of names of security schemes, such as ['bearer']",
  ],
};

const CONTEXT_RULES: Rules<SessionContextOptions> = {
  from: [
    (value) => (Array.isArray(value) ? value : [value]).every(isSource),
    '{ param: name }, { header: name }, { cookie: name }, a function, or an array of these',
  ],
  capture: FLAG,
  stacks: FLAG,
};

const REDACT_RULES: Rules<RedactOptions> = {
  paths: [
    (value) => Array.isArray(value) && value.every(isRedactPath),
    "an array of paths into an entry's data, such as 'data.password' or 'data.*.token'",
  ],
  patterns: [
    (value) => Array.isArray(value) && value.every(isRedactPattern),
    `an array of ${Object.keys(PRESETS)
      .map((name) => `'${name}'`)
      .join(', ')} or { pattern, prefix, maxLength }: a ` +
      'RegExp that matches no empty text and has neither ^ nor $ nor the flag v, what it begins with, and a length ' +
      'from 1 to 65,536',
  ],
  replace: [(value) => typeof value === 'string', 'a text'],
  holdMs: DELAY,
};

const LIMITS_RULES: Rules<SessionLoggerLimits> = {
  messageBytes: [(value) => isCount(value) && (value as number) >= 4, 'a whole number of bytes, 4 at least'],
  queueEntries: COUNT,
  queueBytes: COUNT,
  overflow: [
    (value) => value === 'wait' || value === 'drop-oldest' || value === 'reject',
    "'wait', 'drop-oldest' or 'reject'",
  ],
  waiting: COUNT,
  waitingBytes: COUNT,
  sessionEntries: COUNT,
  sessionBytes: COUNT,
  sessions: COUNT,
  totalBytes: COUNT,
  sessionIdle: AGE,
  sessionEnded: AGE,
  readers: COUNT,
  readersPerSession: COUNT,
  sinkEntries: COUNT,
  sinkBytes: COUNT,
  flushTimeout: DELAY,
};

const TOKENS_RULES: Rules<SessionTokens> = {
  streamStart: TOKEN,
  streamEnd: TOKEN,
  reasoningStart: TOKEN,
  reasoningStop: TOKEN,
  toolCallStart: TOKEN,
  toolCallEnd: TOKEN,
};

/** Throws `INVALID_OPTIONS` for the first option that is unknown or has a wrong value. */
export function checkOptions(options: SessionLoggerOptions): void {
  check('', options, RULES);
  const { files, http, limits, tokens, sinks, context, redact, name, viewer } = options;
  if (name !== undefined && context !== undefined) throw contextOfNamed(name);
  if (isObject(files)) check('files', files, FILES_RULES);
  if (isObject(http)) check('http', http, HTTP_RULES);
  if (isObject(http) && isObject(http.openapi)) check('http.openapi', http.openapi, OPENAPI_RULES);
  if (isObject(viewer)) check('viewer', viewer, VIEWER_RULES);
  if (viewer !== undefined && viewer !== false && http === false) throw viewerOfNothing();
  if (context !== undefined) check('context', context, CONTEXT_RULES);
  if (redact !== undefined) check('redact', redact, REDACT_RULES);
  if (limits !== undefined) check('limits', limits, LIMITS_RULES);
  if (tokens !== undefined) check('tokens', tokens, TOKENS_RULES);
  checkSinkNames(sinks ?? []);
}

function check<T>(parent: string, options: unknown, rules: Rules<T>): void {
  if (!isObject(options)) throw invalidOption('options', options, 'an object');
  for (const [key, value] of Object.entries(options as object)) {
    const name = parent === '' ? key : `${parent}.${key}`;
    const rule: Rule | undefined = Object.hasOwn(rules, key) ? rules[key as keyof T] : undefined;
    if (rule === undefined) throw unknownOption(name, Object.keys(rules));
    const [isValid, expected] = rule;
    if (value !== undefined && !isValid(value)) throw invalidOption(name, value, expected);
  }
}

function checkSinkNames(sinks: readonly LogSink[]): void {
  const taken = new Set(['file', 'terminal', 'store']);
  for (const { name } of sinks) {
    if (taken.has(name)) {
      throw invalidOption(
        'sinks',
        name,
        "names that differ from one another and from 'file', 'terminal' and 'store'",
      );
    }
    taken.add(name);
  }
}

function contextOfNamed(name: string): SessionLoggerError {
  return new SessionLoggerError(
    'INVALID_OPTIONS',
    `SessionLoggerModule: option context does not go with a name (${name}): Nest has one logger, and a request one ` +
      'session. Give it to the logger without a name; the session that it finds is also that of the others.',
    { details: { option: 'context' } },
  );
}

function viewerOfNothing(): SessionLoggerError {
  return new SessionLoggerError(
    'INVALID_OPTIONS',
    'SessionLoggerModule: option viewer does not go with http: false, as the page reads from the endpoints. Leave one of ' +
      'them out.',
    { details: { option: 'viewer' } },
  );
}

function invalidOption(name: string, value: unknown, expected: string): SessionLoggerError {
  const shown =
    typeof value === 'function'
      ? 'a function'
      : inspect(value, { depth: 1, breakLength: Infinity }).slice(0, 80);
  return new SessionLoggerError(
    'INVALID_OPTIONS',
    `SessionLoggerModule: option ${name} is ${shown}; expected ${expected}. Correct it, or leave it out for the default.`,
    { details: { option: name } },
  );
}

function unknownOption(name: string, known: string[]): SessionLoggerError {
  return new SessionLoggerError(
    'INVALID_OPTIONS',
    `SessionLoggerModule: there is no option ${name}. Known here: ${known.join(', ')}. Correct the name or remove it.`,
    { details: { option: name } },
  );
}
