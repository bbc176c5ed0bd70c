import type { Gap } from '../../entry/gap.js';
import { DEFAULT_TIMEOUT, Patience } from '../patience.js';
import { LogEntry, type SessionRecord } from '../../entry/log-entry.js';
import { SessionEnd } from '../../entry/session-end.js';
import type {
  PopTurn,
  ReadFrom,
  SessionReader,
  SessionStore,
  SessionStoreLimits,
  SessionSummary,
} from '../../store/session-store.interface.js';

/** What is used of a test runner: that of Jest, Vitest or `node:test`. */
export interface TestRunner {
  /** Makes a group of tests. */
  readonly describe: (name: string, body: () => void) => void;
  /** Makes a test. */
  readonly it: (name: string, body: () => Promise<void>) => void;
}

/** A store that is to keep the contract. */
export interface StoreUnderTest {
  /** Names it in the report. */
  readonly name: string;
  /** Makes a store that has not been started, and holds nothing. Called once a test. */
  create(limits: SessionStoreLimits): SessionStore | Promise<SessionStore>;
  /** Called after each test, when the store has been closed. */
  dispose?(): void | Promise<void>;
}

/** What stores are started with unless a test needs others. */
export const LIMITS: SessionStoreLimits = {
  sessionEntries: 1_000,
  sessionBytes: 16 * 1024 * 1024,
  sessions: 1_000,
  totalBytes: 64 * 1024 * 1024,
  sessionIdle: 60_000,
  sessionEnded: 60_000,
  readers: 100,
  readersPerSession: 50,
};

/** Declares a test that is given a started store. */
export type StoreTest = (name: string, body: (bench: StoreBench) => Promise<void>, limits?: object) => void;

/** Makes tests of which each has a store of its own. */
export function testsOf(runner: TestRunner, subject: StoreUnderTest): StoreTest {
  return (name, body, limits = {}) =>
    runner.it(name, async () => {
      const bench = await StoreBench.open(subject, { ...LIMITS, ...limits });
      try {
        await body(bench);
      } finally {
        await bench.close();
        await subject.dispose?.();
      }
    });
}

/** A started store, what it told, and what has to be closed. */
export class StoreBench {
  readonly opened: [string, boolean][] = [];
  readonly evicted: [string, number, string][] = [];
  private readonly readers: SessionReader[] = [];

  private constructor(readonly store: SessionStore) {}

  static async open(subject: StoreUnderTest, limits: SessionStoreLimits): Promise<StoreBench> {
    const bench = new StoreBench(await subject.create(limits));
    const listener = {
      opened: (...what: [string, boolean]): void => void bench.opened.push(what),
      evicted: (...what: [string, number, string]): void => void bench.evicted.push(what),
      cancelled: () => {},
      troubled: () => {},
    };
    await bench.store.start(listener, limits);
    return bench;
  }

  async log(sessionId: string, ...messages: string[]): Promise<void> {
    await this.store.append(messages.map((message) => entry(sessionId, message)));
  }

  async reader(sessionId: string, from?: ReadFrom): Promise<SessionReader> {
    const reader = await this.store.open(sessionId, from);
    this.readers.push(reader);
    return reader;
  }

  /** The first `count` records. */
  async read(sessionId: string, count: number): Promise<SessionRecord[]> {
    return take(await this.reader(sessionId, 'start'), count);
  }

  async resume(
    sessionId: string,
    from: string,
    count: number,
  ): Promise<{ gap: Gap | undefined; records: SessionRecord[] }> {
    return takeWithGap(await this.reader(sessionId, from), count);
  }

  turn(sessionId: string, signal?: AbortSignal): Promise<PopTurn> {
    return this.store.takeTurn(sessionId, signal);
  }

  /** Resolves when turns that were given back are. */
  async settle(): Promise<void> {
    (await this.turn('s')).release();
  }

  async listAll(limit: number): Promise<SessionSummary[]> {
    const found: SessionSummary[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.store.list(cursor, limit);
      found.push(...page.sessions);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return found;
  }

  async close(): Promise<void> {
    for (const reader of this.readers) reader.close();
    this.store.closeReaders();
    await this.store.close?.();
  }
}

/** The timestamp of all records made here. */
export const LOGGED_AT = '2026-11-22T14:26:00.000Z';

let uid = 0;

export function entry(sessionId: string, message: string): LogEntry {
  return new LogEntry(`p-${++uid}`, sessionId, message, LOGGED_AT);
}

export function end(sessionId: string): SessionEnd {
  return new SessionEnd(`p-${++uid}`, sessionId, LOGGED_AT, 'completed', undefined);
}

export function textsOf(records: readonly SessionRecord[]): string[] {
  return records.filter((record) => record instanceof LogEntry).map(({ message }) => message);
}

/** All of a record but its position, as JSON has it. */
export function plain(record: SessionRecord): unknown {
  return { ...(JSON.parse(JSON.stringify(record)) as object), id: undefined };
}

/** Resolves when a reader wakes the listener that it was given; a test has no end otherwise. */
export async function nextWake(reader: SessionReader): Promise<void> {
  const patience = new Patience(DEFAULT_TIMEOUT);
  try {
    await new Promise<void>((resolve, reject) => {
      patience.signal.addEventListener('abort', () =>
        reject(
          new Error(
            `The listener given to wait() of the reader was not called within ${DEFAULT_TIMEOUT} ms.`,
          ),
        ),
      );
      reader.wait(resolve);
    });
  } finally {
    patience.end();
  }
}

export async function take(reader: SessionReader, count: number): Promise<SessionRecord[]> {
  return (await takeWithGap(reader, count)).records;
}

/** The next `count` records, waiting for them, and the first gap told. */
export async function takeWithGap(
  reader: SessionReader,
  count: number,
): Promise<{ gap: Gap | undefined; records: SessionRecord[] }> {
  const records: SessionRecord[] = [];
  let gap: Gap | undefined;
  while (records.length < count) {
    const some = reader.read();
    gap ??= some && reader.gap;
    if (some !== undefined) records.push(...some);
    else await nextWake(reader);
  }
  return { gap, records };
}

/** Takes `count` entries out; what was read beyond them is not taken. */
export async function pop(turn: PopTurn, count: number): Promise<string[]> {
  const records = (await take(turn.reader, count)).slice(0, count);
  for (const record of records) turn.taken(record, '');
  return textsOf(records);
}

export function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'none',
    (error: { code?: unknown }) => error.code,
  );
}
