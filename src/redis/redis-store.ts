import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import { SessionEnd } from '../entry/session-end.js';
import { formatPosition } from '../entry/position.js';
import { SessionLoggerError } from '../session-logger.errors.js';
import { tooManyReaders } from '../store/too-many-readers.js';
import type {
  PopTurn,
  ReadFrom,
  SessionHistory,
  SessionList,
  SessionReader,
  SessionStore,
  SessionStoreLimits,
  SessionStoreListener,
  SessionStoreStats,
  SharedNotes,
} from '../store/session-store.interface.js';
import { Appender, type AppendLimits } from './appender.js';
import { CancelFeed } from './cancel-feed.js';
import { PopTurns, TurnsClosed } from './pop-turns.js';
import { createConnections } from './redis-connections.js';
import { RedisLink } from './redis-link.js';
import { RedisNotes } from './redis-notes.js';
import { RedisReader, startOf, type RedisReaderHost, type RedisStart } from './redis-reader.js';
import {
  resolveRedisOptions,
  type RedisStoreOptions,
  type ResolvedRedisOptions,
} from './redis-store-options.js';
import { listSessions } from './session-list.js';
import { SessionKeys } from './session-keys.js';
import { DELETED, REMOVE, TURN_FREE } from './scripts.js';
import { MAX_BATCH, MAX_BATCH_BYTES, NO_EPOCH, type RecordRun, type SessionWatch } from './session-watch.js';
import { Watches } from './watches.js';

/**
 * Session logs in Redis Streams, shared by all processes that use the same Redis and prefix: what one logs, each
 * can read, resume, pop and cancel.
 *
 * ```ts
 * SessionLoggerModule.forRoot({ store: redisStore({ url: 'redis://localhost:6379' }) })
 * ```
 *
 * @throws SessionLoggerError `INVALID_OPTIONS`
 */
export function redisStore(options: RedisStoreOptions): SessionStore {
  return new RedisStore(resolveRedisOptions(options));
}

/** The parts of a store that has been started. */
interface Parts {
  readonly limits: SessionStoreLimits;
  readonly listener: SessionStoreListener;
  readonly link: RedisLink;
  readonly watches: Watches;
  readonly appender: Appender;
  readonly cancels: CancelFeed;
  readonly turns: PopTurns;
}

/** Bytes of one page of a session's history. */
const HISTORY_BYTES = 4 * 1024 * 1024;

const NEVER = new AbortController().signal;

/** For a caller whose turn will not come: a reader that gives nothing. */
const NO_TURN: PopTurn = {
  reader: {
    position: formatPosition(NO_EPOCH, 0),
    ended: false,
    closed: true,
    gap: undefined,
    read: () => undefined,
    wait: (listener) => listener(),
    close: () => {},
  },
  carry: '',
  taken: () => {},
  release: () => {},
};

class RedisStore implements SessionStore, RedisReaderHost {
  closed = false;
  /** Whatever the server: one server may have many names. */
  readonly location: string;
  readonly notes: SharedNotes;
  private parts: Parts | undefined;
  private readonly keys: SessionKeys;
  private readonly readers = new Set<RedisReader>();
  /** Readers, and calls that are about to get one. */
  private held = 0;
  private checks: NodeJS.Timeout | undefined;

  constructor(private readonly options: ResolvedRedisOptions) {
    this.keys = new SessionKeys(options.keyPrefix);
    this.location = `Redis with the keyPrefix ${JSON.stringify(options.keyPrefix)}`;
    this.notes = new RedisNotes(() => this.started().link, this.keys);
  }

  get failure(): unknown {
    return this.parts?.appender.failure ?? this.parts?.link.failure;
  }

  async start(listener: SessionStoreListener, limits: SessionStoreLimits): Promise<void> {
    const kept = checkLimits(limits);
    const connections = await createConnections(this.options);
    const link = new RedisLink(connections, [this.keys.cancels], {
      connected: () => this.catchUp(),
      message: (channel, text) => this.hear(channel, text),
    });
    const watches = new Watches(link, this.keys, kept);
    const appender = new Appender(link, this.keys, kept, {
      appended: (sessionId, run, wasEnded) => {
        watches.appended(sessionId, run);
        tellOpened(listener, sessionId, run.records, wasEnded);
      },
      troubled: (what, error) => listener.troubled(what, error),
    });
    const cancels = new CancelFeed(link, this.keys, appender.writer, listener);
    const turns = new PopTurns(link, this.keys, appender.writer, this.options.popLease);
    this.parts = { limits, listener, link, watches, appender, cancels, turns };
    this.checks = setInterval(() => this.check(), this.options.checkInterval).unref();
    await link.connect(this.options.connectTimeout);
    await cancels.catchUp();
  }

  async append(records: readonly SessionRecord[]): Promise<void> {
    const { appender, cancels } = this.started();
    await appender.append(records);
    for (const record of records) {
      if (record instanceof SessionEnd && record.reason === 'cancelled') await cancels.publish(record);
    }
  }

  dropped({ sessionId }: SessionRecord): void {
    this.parts?.appender.skip(sessionId);
  }

  async open(sessionId: string, from?: ReadFrom): Promise<SessionReader> {
    const watch = await this.hold(sessionId);
    try {
      // Where the log begins, and what was popped, only Redis knows.
      if (watch.isKnown && from !== undefined && from !== 'start') {
        const start = startOf(watch, 0, from);
        // A gap may only mean that news is on its way.
        if (start.gap === undefined) return this.reader(watch, start);
      }
      const { popped } = await this.started().watches.look(watch);
      return this.reader(watch, startOf(watch, popped, from));
    } catch (error) {
      this.letGo(watch);
      throw error;
    }
  }

  async takeTurn(sessionId: string, signal = NEVER): Promise<PopTurn> {
    const { turns, watches } = this.started();
    // Held while it waits, so that it hears when another process gives its turn back.
    const watch = await this.hold(sessionId);
    try {
      return await turns.take(sessionId, signal, async () => {
        const { popped } = await watches.look(watch);
        return this.reader(watch, { offset: popped, gap: undefined, silentEnd: -1 });
      });
    } catch (error) {
      this.letGo(watch);
      if (error instanceof TurnsClosed) return NO_TURN;
      throw error;
    }
  }

  async history(sessionId: string, after: string | undefined, limit: number): Promise<SessionHistory> {
    const { watches } = this.started();
    const { state } = await watches.read(sessionId, 0, 0, 0, 'passing');
    const { offset, gap } = startOf(state, 0, after ?? 'start');
    const { run } = await watches.read(sessionId, offset, limit, HISTORY_BYTES, 'passing');
    const end = run.from + run.records.length - 1;
    const missed = run.from - 1 - offset;
    const evicted = {
      reason: 'evicted',
      resumedAt: formatPosition(run.epoch, run.from - 1),
      missed,
    } as const;
    return {
      records: run.records,
      position: formatPosition(run.epoch, end),
      more: end < state.last,
      gap: gap ?? (missed > 0 ? evicted : undefined),
    };
  }

  list(cursor: string | undefined, limit: number): Promise<SessionList> {
    const { link, watches } = this.started();
    return listSessions(link, this.keys, watches, cursor, limit);
  }

  async remove(sessionId: string): Promise<void> {
    const { link, listener, watches } = this.started();
    const keys = [this.keys.meta(sessionId), this.keys.log(sessionId), this.keys.lease(sessionId)];
    const args = [this.keys.channel(sessionId), link.publishCommand];
    const [epoch, records] = (await link.runOnce({ script: REMOVE, keys, args })) as [string, number];
    if (epoch === '') return;
    watches.deleted(sessionId, epoch);
    listener.evicted(sessionId, records, 'deleted');
  }

  sessions(): string[] {
    return this.watched().map(({ sessionId }) => sessionId);
  }

  entries(): LogEntry[] {
    return this.watched().flatMap((watch) => watch.entries().filter((record) => record instanceof LogEntry));
  }

  stats(): SessionStoreStats {
    const watched = this.watched();
    const entries = watched.reduce((sum, watch) => sum + watch.length, 0);
    const bytes = watched.reduce((sum, watch) => sum + watch.bytes, 0);
    return { sessions: watched.length, readers: this.readers.size, entries, bytes };
  }

  closeReaders(): void {
    this.closed = true;
    this.parts?.turns.close();
    for (const reader of this.readers) reader.wake();
  }

  close(): void {
    clearInterval(this.checks);
    for (const reader of this.readers) reader.close();
    this.parts?.link.close();
  }

  fetch(watch: SessionWatch, after: number): Promise<RecordRun | undefined> {
    return this.started().watches.fetch(watch, after, MAX_BATCH, MAX_BATCH_BYTES);
  }

  forget(reader: RedisReader): void {
    this.readers.delete(reader);
    this.letGo(reader.watch);
  }

  private reader(watch: SessionWatch, start: RedisStart): RedisReader {
    const reader = new RedisReader(watch, this, start);
    this.readers.add(reader);
    return reader;
  }

  /** The watch of a session for one more reader. */
  private async hold(sessionId: string): Promise<SessionWatch> {
    this.checkReaders(sessionId);
    this.held++;
    try {
      return await this.started().watches.hold(sessionId);
    } catch (error) {
      this.held--;
      throw error;
    }
  }

  private letGo(watch: SessionWatch): void {
    this.held--;
    this.started().watches.letGo(watch);
  }

  private hear(channel: string, text: string): void {
    const { cancels, turns, watches } = this.started();
    if (channel === this.keys.cancels) return cancels.hear(text);
    const sessionId = this.keys.sessionOf(channel);
    if (text === TURN_FREE) turns.free(sessionId);
    else if (text.startsWith(DELETED)) watches.deleted(sessionId, text.slice(DELETED.length));
    else watches.published(sessionId, text);
  }

  /** After a time without messages. */
  private async catchUp(): Promise<void> {
    const { cancels, watches } = this.started();
    await Promise.all([watches.check(), cancels.catchUp()]);
  }

  private check(): void {
    const { link, watches } = this.started();
    link.probe();
    void watches.check();
  }

  private checkReaders(sessionId: string): void {
    const { limits, watches } = this.started();
    if (this.held >= limits.readers) throw tooManyReaders('readers', limits.readers);
    if ((watches.get(sessionId)?.holders ?? 0) >= limits.readersPerSession) {
      throw tooManyReaders('readersPerSession', limits.readersPerSession);
    }
  }

  private watched(): SessionWatch[] {
    return this.parts?.watches.all() ?? [];
  }

  private started(): Parts {
    if (this.parts !== undefined) return this.parts;
    throw new SessionLoggerError('STORE_UNAVAILABLE', 'The Redis store has not been started by its module.');
  }
}

function tellOpened(
  listener: SessionStoreListener,
  sessionId: string,
  records: readonly SessionRecord[],
  wasEnded: boolean | undefined,
): void {
  if (wasEnded === undefined) listener.opened(sessionId, false);
  let isEnded = wasEnded === true;
  for (const record of records) {
    const isEnd = record instanceof SessionEnd;
    if (isEnded && !isEnd) listener.opened(sessionId, true);
    isEnded = isEnd;
  }
}

/** No key is without a time to live, so that what nobody wants any more does not stay. */
function checkLimits(limits: SessionStoreLimits): SessionStoreLimits & AppendLimits {
  const { sessionIdle, sessionEnded } = limits;
  if (sessionIdle !== false && sessionEnded !== false) return { ...limits, sessionIdle, sessionEnded };
  throw new SessionLoggerError(
    'INVALID_OPTIONS',
    'limits.sessionIdle and limits.sessionEnded must be milliseconds with redisStore(), as no key stays for ever; ' +
      'use a large number in place of false.',
  );
}
