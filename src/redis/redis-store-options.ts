import { SessionLoggerError } from '../session-logger.errors.js';

/** A `Redis` or `Cluster` of ioredis, of version 5 or 6. */
export interface IoredisClient {
  readonly isCluster: boolean;
  duplicate(...settings: never[]): unknown;
}

/** Where the Redis is and how it is used; `url` or `client` is needed. */
export interface RedisStoreOptions {
  /** Address of one server: `redis://` or, with TLS, `rediss://user:password@host:6379/0`. */
  url?: string | undefined;
  /**
   * A client of yours, for a Cluster, Sentinel or settings of your own. Connections are made like its own
   * (`duplicate()`); it is neither used nor closed.
   */
  client?: IoredisClient | undefined;
  /** What all keys and channels begin with. Default `session-logger:`. */
  keyPrefix?: string | undefined;
  /** Milliseconds that connecting may take at start. Default 10,000. */
  connectTimeout?: number | undefined;
  /** Milliseconds without an answer after which a connection is made anew. Default 10,000. */
  socketTimeout?: number | undefined;
  /**
   * Milliseconds between looks at the sessions that are read here, which find what a lost message or a server that
   * lost data would hide. Default 15,000.
   */
  checkInterval?: number | undefined;
  /** Milliseconds after which a process that died while it popped entries is no longer waited for. Default 15,000. */
  popLease?: number | undefined;
}

/** The options with every default filled in. */
export type ResolvedRedisOptions = Required<Omit<RedisStoreOptions, 'url' | 'client'>> &
  Pick<RedisStoreOptions, 'url' | 'client'>;

const DEFAULTS = {
  keyPrefix: 'session-logger:',
  connectTimeout: 10_000,
  socketTimeout: 10_000,
  checkInterval: 15_000,
  popLease: 15_000,
};
const DELAYS = ['connectTimeout', 'socketTimeout', 'checkInterval', 'popLease'] as const;
const KNOWN = new Set([...Object.keys(DEFAULTS), 'url', 'client']);

/**
 * Checks the options and fills in the defaults.
 *
 * @throws SessionLoggerError `INVALID_OPTIONS`
 */
export function resolveRedisOptions(options: RedisStoreOptions): ResolvedRedisOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const stray = Object.keys(given).find((key) => !KNOWN.has(key));
  if (stray !== undefined) throw invalid(stray, `no such option; expected ${[...KNOWN].join(', ')}`);
  const resolved: ResolvedRedisOptions = { ...DEFAULTS, ...given };
  checkTarget(resolved);
  // Braces would name another hash slot, the others are patterns to SCAN.
  if (typeof resolved.keyPrefix !== 'string' || /[{}*?[\]\\]/.test(resolved.keyPrefix)) {
    throw invalid('keyPrefix', 'expected a text without { } * ? [ ] \\');
  }
  for (const delay of DELAYS) checkDelay(delay, resolved[delay]);
  return resolved;
}

function checkTarget({ url, client }: RedisStoreOptions): void {
  if ((url === undefined) === (client === undefined)) {
    throw invalid(
      'url',
      "expected either url, such as 'redis://localhost:6379', or client, an ioredis client",
    );
  }
  if (url !== undefined && !/^rediss?:\/\/./.test(url)) {
    throw invalid('url', "expected 'redis://…' or 'rediss://…'");
  }
  if (client !== undefined && typeof client.duplicate !== 'function') {
    throw invalid('client', 'expected a Redis or Cluster of ioredis');
  }
}

function checkDelay(option: string, value: unknown): void {
  if (Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 31) return;
  throw invalid(option, 'expected a whole number of milliseconds from 1 to 2,147,483,647');
}

function invalid(option: string, expected: string): SessionLoggerError {
  return new SessionLoggerError('INVALID_OPTIONS', `redisStore: ${option}: ${expected}.`, {
    details: { option },
  });
}
