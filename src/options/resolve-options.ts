import { DEFAULT_TOKENS, type SessionTokens } from '../entry/special-tokens.js';
import type { DailyFileOptions } from '../sinks/file/daily-file.sink.js';
import { defaultLogsDir } from '../sinks/file/default-logs-dir.js';
import type { LogSink } from '../sinks/log-sink.interface.js';
import type { SessionTelemetry } from '../telemetry/session-telemetry.interface.js';
import type { ResolvedRedactOptions } from '../redaction/redact-options.js';
import type { SessionStore } from '../store/session-store.interface.js';
import { checkOptions } from './option-rules.js';
import type { SessionContextOptions } from './context-options.js';
import type {
  SessionHttpOptions,
  SessionLoggerLimits,
  SessionLoggerOptions,
  SessionOpenApiOptions,
} from './session-logger-options.js';

/** The options with every default filled in. */
export interface ResolvedOptions {
  readonly name: string | undefined;
  readonly autoStart: boolean;
  readonly files: DailyFileOptions | false;
  readonly terminal: boolean | { handler: (message: string) => unknown };
  readonly tokens: SessionTokens;
  readonly limits: SessionLoggerLimits;
  readonly context: Pick<SessionContextOptions, 'from'> & {
    readonly capture: boolean;
    readonly stacks: boolean;
  };
  readonly redact: ResolvedRedactOptions | undefined;
  readonly telemetry: SessionTelemetry | undefined;
  readonly store: SessionStore | undefined;
  readonly sinks: readonly LogSink[];
  readonly onSinkFailure: 'throw' | 'degrade';
  readonly onStoreFailure: 'throw' | 'buffer';
  /** Whether there are endpoints. */
  readonly isServed: boolean;
  /** Where the viewer is, if there is one. */
  readonly viewerPath: string | undefined;
  readonly http: Required<Omit<SessionHttpOptions, 'authorize' | 'openapi'>> &
    Pick<SessionHttpOptions, 'authorize'> & { readonly openapi: Required<SessionOpenApiOptions> | false };
}

const MIB = 1024 * 1024;

const DEFAULT_LIMITS: SessionLoggerLimits = {
  messageBytes: MIB,
  queueEntries: 65_536,
  queueBytes: 64 * MIB,
  overflow: 'wait',
  waiting: 10_000,
  waitingBytes: 64 * MIB,
  sessionEntries: 10_000,
  sessionBytes: 16 * MIB,
  sessions: 10_000,
  totalBytes: 256 * MIB,
  sessionIdle: 24 * 60 * 60 * 1000,
  sessionEnded: 60 * 60 * 1000,
  readers: 50_000,
  readersPerSession: 10_000,
  sinkEntries: 65_536,
  sinkBytes: 64 * MIB,
  flushTimeout: 5_000,
};

const DEFAULT_FILES: Omit<DailyFileOptions, 'dir'> = {
  retention: 7,
  format: 'json',
  maxSize: undefined,
  compress: false,
  durability: 'os',
  utc: false,
};

const DEFAULT_HTTP: Omit<ResolvedOptions['http'], 'openapi'> = {
  path: 'logs',
  guards: [],
  heartbeat: 15_000,
  retry: 2_000,
  writeTimeout: 30_000,
  cancel: false,
  list: false,
  history: false,
  write: false,
  writeBytes: MIB,
  delete: false,
};

const DEFAULT_REDACT: ResolvedRedactOptions = {
  paths: [],
  patterns: [],
  replace: '[REDACTED]',
  holdMs: 2_000,
};

/** Injection token of the {@link ResolvedOptions} as the application gave them; only {@link RESOLVED_OPTIONS} asks for it. */
export const GIVEN_OPTIONS = Symbol('SessionLoggerGivenOptions');

/** Injection token of the {@link ResolvedOptions}: those given, unless a test has put others in their place. */
export const RESOLVED_OPTIONS = Symbol('SessionLoggerResolvedOptions');

/**
 * Checks the options and fills in the defaults.
 *
 * @throws SessionLoggerError `INVALID_OPTIONS`, which names the option, what was expected and the remedy
 */
export function resolveOptions(options: SessionLoggerOptions = {}): ResolvedOptions {
  checkOptions(options);
  const { files, http, limits, tokens } = options;
  return {
    name: options.name,
    autoStart: options.autoStart ?? true,
    files: files === false ? false : { ...DEFAULT_FILES, dir: defaultLogsDir(), ...defined(files) },
    terminal: options.terminal ?? false,
    tokens: { ...DEFAULT_TOKENS, ...defined(tokens) },
    limits: resolveLimits(limits),
    context: { capture: false, stacks: false, ...defined(options.context) },
    redact: options.redact && { ...DEFAULT_REDACT, ...defined(options.redact) },
    telemetry: options.telemetry,
    store: options.store,
    sinks: options.sinks ?? [],
    onSinkFailure: options.onSinkFailure ?? 'throw',
    onStoreFailure: options.onStoreFailure ?? 'throw',
    isServed: http !== false,
    viewerPath: viewerPathOf(options),
    http: resolveHttp(http === false ? {} : http, options),
  };
}

/** Where the viewer is, if there is one. */
export function viewerPathOf({
  viewer,
  name,
}: Pick<SessionLoggerOptions, 'viewer' | 'name'>): string | undefined {
  if (viewer === undefined || viewer === false) return undefined;
  const given = viewer === true ? undefined : viewer.path;
  return given ?? (name === undefined ? 'session-logs' : `session-logs-${name}`);
}

function resolveHttp(
  given: SessionHttpOptions | undefined,
  { name, viewer = false }: SessionLoggerOptions,
): ResolvedOptions['http'] {
  const { openapi, ...http } = given ?? {};
  const isViewed = viewer !== false;
  const tag = name === undefined ? 'session logs' : `session logs (${name})`;
  return {
    ...DEFAULT_HTTP,
    list: isViewed,
    history: isViewed,
    ...defined(http),
    openapi: openapi === false ? false : { tag, security: [], ...defined(openapi) },
  };
}

function resolveLimits(given: Partial<SessionLoggerLimits> | undefined): SessionLoggerLimits {
  const limits = { ...DEFAULT_LIMITS, ...defined(given) };
  // A session that outgrew all sessions together would have to go as a whole.
  return { ...limits, sessionBytes: Math.min(limits.sessionBytes, limits.totalBytes) };
}

/** Without the keys that are set to undefined, so that they do not hide a default. */
function defined<T extends object>(options: T | undefined): Partial<T> {
  return Object.fromEntries(
    Object.entries(options ?? {}).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
