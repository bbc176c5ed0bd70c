import { LogEntry, type JsonValue, type SessionRecord } from './log-entry.js';

/** What an entry costs beside its texts: object, ids, timestamp. Seen in heap snapshots: 200 to 300 bytes. */
const RECORD_OVERHEAD_BYTES = 256;

/** An estimate of the memory that a record holds, in bytes: two for each UTF-16 unit and a fixed overhead. */
export function recordBytes(record: SessionRecord): number {
  if (!(record instanceof LogEntry)) return RECORD_OVERHEAD_BYTES + 2 * (record.error?.length ?? 0);
  const texts = record.message.length + (record.context?.length ?? 0) + (record.stack?.length ?? 0);
  const bytes = RECORD_OVERHEAD_BYTES + 2 * texts;
  return record.data === undefined ? bytes : bytes + jsonBytes(record.data);
}

function jsonBytes(value: JsonValue | undefined): number {
  if (typeof value === 'string') return 16 + 2 * value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let bytes = 16;
  for (const [key, member] of Object.entries(value)) bytes += 16 + 2 * key.length + jsonBytes(member);
  return bytes;
}

/** Records in order: added at the tail, dropped at the head, read anywhere. Knows its size in bytes. */
export class RecordList<T extends SessionRecord = SessionRecord> {
  private items: (T | undefined)[] = [];
  private head = 0;
  private total = 0;

  /** How many records it holds. */
  get length(): number {
    return this.items.length - this.head;
  }

  /** Sum of {@link recordBytes}. */
  get bytes(): number {
    return this.total;
  }

  /** The record at `index`, 0 being the oldest. */
  at(index: number): T | undefined {
    return this.items[this.head + index];
  }

  push(record: T): void {
    this.items.push(record);
    this.total += recordBytes(record);
  }

  /** Removes and returns the oldest record. */
  shift(): T | undefined {
    const record = this.items[this.head];
    if (record === undefined) return undefined;
    this.items[this.head] = undefined;
    this.head++;
    this.total -= recordBytes(record);
    if (this.head > 1024 && this.head * 2 > this.items.length) this.compact();
    return record;
  }

  /** Removes and returns up to `max` of the oldest records. */
  take(max: number): T[] {
    if (max >= this.length && this.head === 0) return this.takeAll();
    const taken = this.slice(0, max);
    for (const record of taken) this.total -= recordBytes(record);
    this.head += taken.length;
    this.compact();
    return taken;
  }

  /** A copy of the records from index `from` up to `to`, exclusive. */
  slice(from: number, to: number): T[] {
    return this.items.slice(this.head + from, this.head + to) as T[];
  }

  private takeAll(): T[] {
    const taken = this.items as T[];
    this.items = [];
    this.total = 0;
    return taken;
  }

  private compact(): void {
    this.items = this.items.slice(this.head);
    this.head = 0;
  }
}
