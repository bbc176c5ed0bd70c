import { randomBytes } from 'node:crypto';
import type { LogEntry, SessionRecord } from '../entry/log-entry.js';
import { parsePosition } from '../entry/position.js';
import { IdleSessions } from './idle-sessions.js';
import { MemoryReader, SliceCache, type ReaderHost } from './memory-reader.js';
import { SessionLog, type SessionLogBounds, type Start } from './session-log.js';
import type {
  PopTurn,
  ReadFrom,
  SessionReader,
  SessionStore,
  SessionStoreListener,
  SessionStoreStats,
} from './session-store.interface.js';

/** Bounds of the memory store. */
export interface MemoryStoreBounds extends SessionLogBounds {
  /** Session logs kept; beyond it the longest idle one without readers goes. */
  sessions: number;
  /** Bytes kept over all sessions, by estimate; beyond it the longest idle session without readers goes. */
  totalBytes: number;
}

/** Why nobody's turn will come any more. */
class StoreClosed extends Error {}

/** Keeps session logs in this process's memory, within bounds. They are gone when the process ends. */
export class MemoryStore implements SessionStore, ReaderHost {
  private readonly logs = new Map<string, SessionLog>();
  private readonly idle = new IdleSessions();
  private readonly readers = new Set<MemoryReader>();
  readonly slices = new SliceCache();
  private readonly process = randomBytes(5).toString('hex');
  private listener: SessionStoreListener | undefined;
  private generation = 0;
  private epoch = this.process + '0';
  closed = false;
  private records = 0;
  private bytes = 0;

  constructor(private readonly bounds: MemoryStoreBounds) {}

  start(listener: SessionStoreListener): void {
    this.listener = listener;
  }

  append(records: readonly SessionRecord[]): void {
    const touched = new Set<SessionLog>();
    for (const record of records) touched.add(this.appendOne(record));
    this.evict();
    for (const log of touched) log.wake();
    this.slices.clear();
  }

  open(sessionId: string, from?: ReadFrom): SessionReader {
    const log = this.hold(sessionId);
    return this.reader(log, log.startAt(from), from === 'now' ? log.lastOffset : undefined);
  }

  async takeTurn(sessionId: string, signal?: AbortSignal): Promise<PopTurn> {
    const log = this.hold(sessionId);
    try {
      if (this.closed) throw new StoreClosed();
      await log.turns.take(signal);
    } catch (error) {
      if (error instanceof StoreClosed) return this.noTurn(log);
      this.letGo(log);
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

  sessions(): string[] {
    return [...this.logs.keys()];
  }

  entries(): LogEntry[] {
    return [...this.logs.values()].flatMap((log) => log.entries());
  }

  stats(): SessionStoreStats {
    return { sessions: this.logs.size, readers: this.readers.size, entries: this.records, bytes: this.bytes };
  }

  closeReaders(): void {
    this.closed = true;
    for (const log of this.logs.values()) log.turns.dismiss(new StoreClosed());
    for (const reader of this.readers) reader.wake();
  }

  forget(reader: MemoryReader): void {
    this.readers.delete(reader);
    this.letGo(reader.log);
  }

  private appendOne(record: SessionRecord): SessionLog {
    const log = this.logs.get(record.sessionId) ?? this.create(record.sessionId);
    const { length, bytes, ended } = log;
    const isFirst = log.lastOffset === 0;
    log.append(record, this.bounds);
    this.records += log.length - length;
    this.bytes += log.bytes - bytes;
    if (log.readers === 0) this.idle.touch(log);
    if (isFirst || (ended && !log.ended)) this.listener?.opened(log.sessionId, !isFirst);
    return log;
  }

  private create(sessionId: string): SessionLog {
    const log = new SessionLog(sessionId, this.epoch);
    this.logs.set(sessionId, log);
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

  /** The session's log, made where there is none, and safe from eviction until it is let go. */
  private hold(sessionId: string): SessionLog {
    const log = this.logs.get(sessionId) ?? this.create(sessionId);
    log.readers++;
    this.idle.remove(log);
    return log;
  }

  private letGo(log: SessionLog): void {
    log.readers--;
    if (log.readers > 0) return;
    if (log.lastOffset === 0) this.logs.delete(log.sessionId);
    else this.idle.touch(log);
  }

  private evict(): void {
    while (this.logs.size > this.bounds.sessions || this.bytes > this.bounds.totalBytes) {
      const log = this.idle.oldest;
      if (log === undefined || this.logs.size === 1) return;
      this.remove(log);
      this.listener?.evicted(log.sessionId, log.length);
    }
  }

  private remove(log: SessionLog): void {
    this.idle.remove(log);
    this.logs.delete(log.sessionId);
    this.records -= log.length;
    this.bytes -= log.bytes;
    this.generation++;
    this.epoch = this.process + this.generation.toString(36);
  }
}
