import type { LogEntry, SessionRecord } from '../entry/log-entry.js';
import { formatPosition, parsePosition } from '../entry/position.js';
import { MemoryNotes } from './memory-notes.js';
import { MemoryReader, SliceCache, type ReaderHost } from './memory-reader.js';
import type { SessionLog, Start } from './session-log.js';
import { SessionShelf } from './session-shelf.js';
import type {
  PopTurn,
  ReadFrom,
  SessionReader,
  SessionHistory,
  SessionList,
  SessionStore,
  SessionStoreLimits,
  SessionStoreListener,
  SessionStoreStats,
} from './session-store.interface.js';

/** Why nobody's turn will come any more. */
class StoreClosed extends Error {}

/** Keeps session logs in this process's memory, within bounds. They are gone when the process ends. */
export class MemoryStore implements SessionStore, ReaderHost {
  readonly slices = new SliceCache();
  readonly notes = new MemoryNotes();
  closed = false;
  private readonly readers = new Set<MemoryReader>();
  private readonly shelf: SessionShelf;
  private listener: SessionStoreListener | undefined;

  constructor(bounds: SessionStoreLimits) {
    this.shelf = new SessionShelf(bounds, (log, reason) =>
      this.listener?.evicted(log.sessionId, log.length, reason),
    );
  }

  start(listener: SessionStoreListener): void {
    this.listener = listener;
  }

  append(records: readonly SessionRecord[]): void {
    const now = performance.now();
    const touched: SessionLog[] = [];
    for (const record of records) {
      const log = this.appendOne(record, now);
      if (!log.touched) touched.push(log);
      log.touched = true;
    }
    this.shelf.trim();
    for (const log of touched) {
      log.touched = false;
      log.wake();
    }
    this.slices.clear();
  }

  open(sessionId: string, from?: ReadFrom): SessionReader {
    const log = this.shelf.hold(sessionId);
    return this.reader(log, log.startAt(from), from === 'now' ? log.lastOffset : undefined);
  }

  async takeTurn(sessionId: string, signal?: AbortSignal): Promise<PopTurn> {
    const log = this.shelf.hold(sessionId);
    try {
      if (this.closed) throw new StoreClosed();
      await log.turns.take(signal);
    } catch (error) {
      if (error instanceof StoreClosed) return this.noTurn(log);
      this.shelf.letGo(log);
      throw error;
    }
    const reader = this.reader(log, log.popStart());
    return {
      reader,
      carry: log.gapAt(log.popMark) === undefined ? log.popCarry : '',
      taken: (record, carry) => {
        log.popMark = parsePosition(record.id!)!.offset;
        log.popCarry = carry;
      },
      release: () => {
        log.turns.release();
        reader.close();
      },
    };
  }

  history(sessionId: string, after: string | undefined, limit: number): SessionHistory {
    const log = this.shelf.logs.get(sessionId) ?? this.shelf.none(sessionId);
    const { offset, gap } = log.startAt(after ?? 'start');
    const records = log.read(offset, limit, Infinity);
    const end = offset + records.length;
    return { records, position: formatPosition(log.epoch, end), more: end < log.lastOffset, gap };
  }

  /** Sorted by id; the cursor is the last one given. */
  list(cursor: string | undefined, limit: number): SessionList {
    const logs = [...this.shelf.logs.values()].filter(
      (log) => log.length > 0 && log.sessionId > (cursor ?? ''),
    );
    const page = logs.toSorted((a, b) => (a.sessionId < b.sessionId ? -1 : 1)).slice(0, limit);
    const sessions = page.map((log) => log.summary());
    return { sessions, cursor: page.length < logs.length ? page.at(-1)?.sessionId : undefined };
  }

  remove(sessionId: string): void {
    this.shelf.delete(sessionId);
  }

  sessions(): string[] {
    return [...this.shelf.logs.keys()];
  }

  entries(): LogEntry[] {
    return [...this.shelf.logs.values()].flatMap((log) => log.entries());
  }

  stats(): SessionStoreStats {
    const { records, bytes } = this.shelf.total;
    return { sessions: this.shelf.logs.size, readers: this.readers.size, entries: records, bytes };
  }

  closeReaders(): void {
    this.closed = true;
    for (const log of this.shelf.logs.values()) log.turns.dismiss(new StoreClosed());
    for (const reader of this.readers) reader.wake();
  }

  close(): void {
    this.shelf.stop();
  }

  forget(reader: MemoryReader): void {
    this.readers.delete(reader);
    this.shelf.letGo(reader.log);
  }

  private appendOne(record: SessionRecord, now: number): SessionLog {
    const before = this.shelf.logs.get(record.sessionId);
    const isFirst = before === undefined || before.lastOffset === 0;
    const wasEnded = before?.ended === true;
    const log = this.shelf.append(record, now);
    if (isFirst || (wasEnded && !log.ended)) this.listener?.opened(log.sessionId, !isFirst);
    return log;
  }

  private reader(log: SessionLog, start: Start, silentEnd?: number): MemoryReader {
    const reader = new MemoryReader(log, this, start, silentEnd);
    this.readers.add(reader);
    return reader;
  }

  /** For a caller whose turn will not come: a reader that gives nothing. */
  private noTurn(log: SessionLog): PopTurn {
    const reader = this.reader(log, log.popStart());
    reader.close();
    return { reader, carry: '', taken: () => {}, release: () => {} };
  }
}
