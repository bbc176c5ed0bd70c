import { setImmediate } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type {
  Gap,
  LogEntry,
  ReadOptions,
  SessionLoggerOptions,
  SessionLoggerService,
} from 'nestjs-session-logger';
import { redisStore, type RedisStoreOptions } from 'nestjs-session-logger/redis';
import { AsyncQueue } from '../support/async-queue.js';
import { onCleanUp } from '../support/clean-up.js';
import { EventStream, type Frame } from '../support/event-stream.js';
import { RedisServer } from '../support/redis-server.js';
import { startApp, type TestApp, type TestAppSetUp } from '../support/test-app.js';

/** Short times, so that what is waited for comes soon. */
export const SHORT: RedisStoreOptions = {
  connectTimeout: 5_000,
  socketTimeout: 300,
  checkInterval: 50,
  popLease: 400,
};

/** Starts a Redis. {@link cleanUp} ends it. */
export async function startRedis(...settings: string[]): Promise<RedisServer> {
  const server = await RedisServer.start(...settings);
  onCleanUp(() => server.stop());
  return server;
}

/** Starts an application with its sessions in Redis: one replica of many. {@link cleanUp} closes it. */
export function startReplica(
  { url }: { url: string },
  { limits, ...options }: SessionLoggerOptions = {},
  store: RedisStoreOptions = {},
  setUp: TestAppSetUp = {},
): Promise<TestApp> {
  return startApp(
    {
      store: redisStore({ url, ...SHORT, ...store }),
      limits: { flushTimeout: 1_000, ...limits },
      ...options,
    },
    setUp,
  );
}

/** A connection of the test's own. {@link cleanUp} closes it. */
export function connect({ url }: { url: string }): Redis {
  const client = new Redis(url);
  onCleanUp(() => client.disconnect());
  return client;
}

/** Has a server cut the connections of all others: those for commands, or those for messages. */
export function killLines(admin: Redis, type: 'normal' | 'pubsub'): Promise<unknown> {
  return admin.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
}

/** `a0`, `a1` and so on. */
export function texts(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}${at}`);
}

/** What a reader was given: a message, or a gap. */
export type Seen = string | { gap: Gap['reason']; missed: number | null };

/** Follows a session, and keeps what it is given in order. {@link cleanUp} ends it. */
export class Follower {
  /** The position of the entry seen last. */
  position: string | undefined;
  /** How it was over: `ended`, or the code of an error. */
  readonly over: Promise<unknown>;
  private readonly seen = new AsyncQueue<Seen>();

  constructor(logs: SessionLoggerService, sessionId: string, options: ReadOptions = {}) {
    const onGap = ({ reason, missed }: Gap): void => this.seen.push({ gap: reason, missed });
    const entries = logs.getSessionEntries(sessionId, { ...options, onGap });
    onCleanUp(() => entries.return?.());
    this.over = this.follow(entries);
  }

  /** The next `count` things. */
  async take(count: number): Promise<Seen[]> {
    const taken: Seen[] = [];
    while (taken.length < count) {
      const one = await this.seen.next();
      if (one === undefined) throw new Error(`The reader was over after ${JSON.stringify(taken)}`);
      taken.push(one);
    }
    return taken;
  }

  /** Everything up to the session's end. */
  async rest(): Promise<Seen[]> {
    const rest: Seen[] = [];
    for (let one = await this.seen.next(); one !== undefined; one = await this.seen.next()) rest.push(one);
    return rest;
  }

  private async follow(entries: AsyncIterable<LogEntry>): Promise<unknown> {
    try {
      for await (const entry of entries) {
        this.position = entry.id;
        this.seen.push(entry.message);
      }
      return 'ended';
    } catch (error) {
      return (error as { code?: unknown }).code;
    } finally {
      this.seen.close();
    }
  }
}

/** A client of a session's endpoint. */
export function openStream(
  { url }: { url: string },
  sessionId: string,
  after?: string,
): Promise<EventStream> {
  return EventStream.open(`${url}/logs/${sessionId}`, after === undefined ? {} : { 'Last-Event-ID': after });
}

/** What of an event stream a reader would have been given. */
export function seenIn(frames: Frame[]): Seen[] {
  return frames.flatMap((frame): Seen[] => {
    if (!('data' in frame)) return [];
    if (frame.event === undefined) return [(frame.data as LogEntry).message];
    if (frame.event !== 'gap') return [];
    const { reason, missed } = frame.data as Gap;
    return [{ gap: reason, missed }];
  });
}

/** The next `count` messages and gaps of an event stream. */
export async function takeFrom(stream: EventStream, count: number): Promise<Seen[]> {
  const seen: Seen[] = [];
  while (seen.length < count) seen.push(...seenIn(await stream.until((frame) => seenIn([frame]).length > 0)));
  return seen;
}

/** Asks until the answer is wanted. */
export async function untilAnswered<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  const given = new AbortController();
  onCleanUp(() => given.abort());
  for (;;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    given.signal.throwIfAborted();
    await setImmediate();
  }
}
