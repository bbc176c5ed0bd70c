import type { CanActivate, Type } from '@nestjs/common';
import type { Authorize } from './session-logger.access.js';
import { DEFAULT_TOKENS, type SessionTokens } from './entry/special-tokens.js';
import type { CentralQueueBounds } from './queue/central-queue.js';
import type { OutletBounds } from './queue/outlet.js';
import { SessionLoggerError } from './session-logger.errors.js';
import { DEFAULT_LOGS_DIR, type DailyFileOptions } from './sinks/daily-file.sink.js';
import type { LogSink } from './sinks/log-sink.interface.js';
import type { MemoryStoreBounds } from './store/memory-store.js';
import type { SessionStore } from './store/session-store.interface.js';

/** The endpoint `GET /<path>/:sessionId`. */
export interface SessionHttpOptions {
  /** Path of the endpoint. Default `logs`. In `forRootAsync` it stands beside `useFactory`. */
  path?: string;
  /**
   * Guards before the endpoint: classes, resolved through the module's `imports`, or instances. Default
   * none. In `forRootAsync` they stand beside `useFactory`.
   */
  guards?: readonly (Type<CanActivate> | CanActivate)[];
  /**
   * Decides who may read which session; `'none'` says that everybody may. Default: everybody may, but with
   * `NODE_ENV=production` and no guards nobody.
   */
  authorize?: Authorize | 'none';
  /** Milliseconds of silence after which a comment is sent. Default 15,000; false sends none. */
  heartbeat?: number | false;
  /** Milliseconds that a client waits before it comes back. Default 2,000. */
  retry?: number;
}

/** Bounds. Bytes are estimates of memory: two for each UTF-16 unit and 256 an entry. */
export interface SessionLoggerLimits extends CentralQueueBounds, MemoryStoreBounds, OutletBounds {
  /** Milliseconds that `flush()` and the shutdown give to each sink. */
  flushTimeout: number;
}

/** What `forRoot` takes and a `forRootAsync` factory returns. Everything has a default. */
export interface SessionLoggerOptions {
  /** Whether the module's exports are visible everywhere. Default true. */
  isGlobal?: boolean;
  /** Whether entries are distributed in the background from start to shutdown. Default true. */
  autoStart?: boolean;
  /** The daily file; false writes none. */
  files?: Partial<DailyFileOptions> | false;
  /**
   * Whether entries are also printed to stdout, and by what: a handler is called with each piece of a chat
   * entry, text or token, like {@link defaultStreamHandler}. Default false.
   */
  terminal?: boolean | { handler: (message: string) => string | undefined };
  /** Tokens that replace the default ones. */
  tokens?: Partial<SessionTokens>;
  /**
   * Bounds. Default: `queueEntries` 65,536, `queueBytes` 64 MiB, `waiting` 10,000 calls; `sessionEntries`
   * 10,000, `sessionBytes` 16 MiB, `sessions` 10,000, `totalBytes` 256 MiB; `sinkEntries` 65,536,
   * `sinkBytes` 64 MiB; `flushTimeout` 5,000 ms. None can be switched off.
   */
  limits?: Partial<SessionLoggerLimits>;
  /** Where session logs live. Default: this process's memory. */
  store?: SessionStore;
  /** Where entries are written besides the daily file and the terminal. Default none. */
  sinks?: readonly LogSink[];
  /** The endpoint; false serves none. In `forRootAsync` false stands beside `useFactory`. */
  http?: SessionHttpOptions | false;
}

/** The options with every default filled in. */
export interface ResolvedOptions {
  readonly autoStart: boolean;
  readonly files: DailyFileOptions | false;
  readonly terminal: boolean | { handler: (message: string) => string | undefined };
  readonly tokens: SessionTokens;
  readonly limits: SessionLoggerLimits;
  readonly store: SessionStore | undefined;
  readonly sinks: readonly LogSink[];
  readonly http: Required<Omit<SessionHttpOptions, 'authorize'>> & Pick<SessionHttpOptions, 'authorize'>;
}

const MIB = 1024 * 1024;

const DEFAULT_LIMITS: SessionLoggerLimits = {
  queueEntries: 65_536,
  queueBytes: 64 * MIB,
  waiting: 10_000,
  sessionEntries: 10_000,
  sessionBytes: 16 * MIB,
  sessions: 10_000,
  totalBytes: 256 * MIB,
  sinkEntries: 65_536,
  sinkBytes: 64 * MIB,
  flushTimeout: 5_000,
};

const DEFAULT_FILES: DailyFileOptions = {
  dir: DEFAULT_LOGS_DIR,
  retention: 7,
  format: 'json',
  maxSize: undefined,
  compress: false,
  utc: false,
};

const DEFAULT_HTTP: ResolvedOptions['http'] = { path: 'logs', guards: [], heartbeat: 15_000, retry: 2_000 };

/** Injection token of the {@link ResolvedOptions}. */
export const RESOLVED_OPTIONS = Symbol('SessionLoggerResolvedOptions');

/**
 * Checks the options and fills in the defaults.
 *
 * @throws SessionLoggerError `INVALID_OPTIONS`, which names the option, what was expected and the remedy
 */
export function resolveOptions(options: SessionLoggerOptions = {}): ResolvedOptions {
  check('', options, CHECKS);
  const { files, http, limits, tokens } = options;
  if (files !== undefined && files !== false) check('files', files, FILES_CHECKS);
  if (http !== undefined && http !== false) check('http', http, HTTP_CHECKS);
  if (limits !== undefined) check('limits', limits, LIMITS_CHECKS);
  if (tokens !== undefined) check('tokens', tokens, TOKENS_CHECKS);
  checkSinkNames(options.sinks ?? []);
  return {
    autoStart: options.autoStart ?? true,
    files: files === false ? false : { ...DEFAULT_FILES, ...defined(files) },
    terminal: options.terminal ?? false,
    tokens: { ...DEFAULT_TOKENS, ...defined(tokens) },
    limits: { ...DEFAULT_LIMITS, ...defined(limits) },
    store: options.store,
    sinks: options.sinks ?? [],
    http: { ...DEFAULT_HTTP, ...(http === false ? {} : defined(http)) },
  };
}

type Rule = readonly [isValid: (value: any) => boolean, expected: string];
type Rules<T> = { readonly [Key in keyof Required<T>]: Rule };

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isFunction = (value: unknown): boolean => typeof value === 'function';
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
/** The longest delay that a timer can keep, 2^31 - 1 ms: beyond it Node fires at once. */
const isDelay = (value: unknown): boolean => isCount(value) && (value as number) < 2 ** 31;

const FLAG: Rule = [isBoolean, 'true or false'];
const COUNT: Rule = [isCount, 'a whole number above 0'];
const DELAY: Rule = [isDelay, 'a whole number of milliseconds from 1 to 2,147,483,647'];
const TOKEN: Rule = [isText, 'a text that is not empty'];

const CHECKS: Rules<SessionLoggerOptions> = {
  isGlobal: FLAG,
  autoStart: FLAG,
  files: [(value) => value === false || isObject(value), 'an object, or false for no file'],
  terminal: [
    (value) => isBoolean(value) || (isObject(value) && isFunction(value.handler)),
    'true, false or { handler: (message) => string | undefined }',
  ],
  tokens: [isObject, 'an object such as { reasoningStop: "</think>" }'],
  limits: [isObject, 'an object such as { sessionEntries: 10000 }'],
  store: [(value) => isObject(value) && isFunction(value.append) && isFunction(value.open), 'a SessionStore'],
  sinks: [
    (value) => Array.isArray(value) && value.every((sink) => isText(sink?.name) && isFunction(sink?.write)),
    'an array of { name, write(entries) }',
  ],
  http: [(value) => value === false || isObject(value), 'an object, or false for no endpoint'],
};

const FILES_CHECKS: Rules<DailyFileOptions> = {
  dir: [isText, 'the path of a directory, or files: false for no file'],
  retention: [(value) => value === false || isCount(value), 'a number of days, or false to keep all files'],
  format: [(value) => value === 'json' || value === 'text', "'json' or 'text'"],
  maxSize: [
    (value) => isCount(value) || (isText(value) && /^\d+[kmg]$/i.test(value)),
    "a number of bytes or a text such as '20m'; leave it out for no limit",
  ],
  compress: FLAG,
  utc: FLAG,
};

const HTTP_CHECKS: Rules<SessionHttpOptions> = {
  path: [(value) => isText(value) && !/[:*{}()?\s]/.test(value), "a path without parameters, such as 'logs'"],
  guards: [
    (value) =>
      Array.isArray(value) && value.every((guard) => isFunction(guard) || isFunction(guard?.canActivate)),
    'an array of guard classes or instances',
  ],
  authorize: [
    (value) => value === 'none' || isFunction(value),
    "a function (request, sessionId, action) that returns true, false or a grant, or 'none' to let everybody in",
  ],
  heartbeat: [(value) => value === false || isDelay(value), `${DELAY[1]}, or false for none`],
  retry: DELAY,
};

const LIMITS_CHECKS: Rules<SessionLoggerLimits> = {
  queueEntries: COUNT,
  queueBytes: COUNT,
  waiting: COUNT,
  sessionEntries: COUNT,
  sessionBytes: COUNT,
  sessions: COUNT,
  totalBytes: COUNT,
  sinkEntries: COUNT,
  sinkBytes: COUNT,
  flushTimeout: DELAY,
};

const TOKENS_CHECKS: Rules<SessionTokens> = {
  streamStart: TOKEN,
  streamEnd: TOKEN,
  reasoningStart: TOKEN,
  reasoningStop: TOKEN,
  toolCallStart: TOKEN,
  toolCallEnd: TOKEN,
};

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

/** Without the keys that are set to undefined, so that they do not hide a default. */
function defined<T extends object>(options: T | undefined): Partial<T> {
  return Object.fromEntries(
    Object.entries(options ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}

/** The error for an option that has a wrong value. */
export function invalidOption(name: string, value: unknown, expected: string): SessionLoggerError {
  const shown =
    typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value)).slice(0, 80);
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
