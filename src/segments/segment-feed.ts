import type { SessionRecord } from '../entry/log-entry.js';
import { segmentId } from './segment-id.js';
import type { SegmentReducer } from './segment-reducer.js';
import type { SegmentChange } from './session-segment.js';

/** A change, and where to go on behind it. */
export type SegmentChangeEvent = { readonly id: string } & SegmentChange;

/** Tells the changes of records with their ids; texts of one segment that follow each other are one. */
export class SegmentFeed {
  /** @param skipped how many changes of the first record were given before */
  constructor(
    readonly reducer: SegmentReducer,
    private skipped = 0,
  ) {}

  /** Whether the first record has been given whole, so that what follows depends on the state of the reducer alone. */
  get isWhole(): boolean {
    return this.skipped === 0;
  }

  /** What records do that follow those before. */
  take(records: Iterable<SessionRecord>): SegmentChangeEvent[] {
    const events: SegmentChangeEvent[] = [];
    for (const record of records) this.add(record, events);
    return events;
  }

  private add(record: SessionRecord, events: SegmentChangeEvent[]): void {
    const changes = this.reducer.push(record);
    for (let index = this.skipped; index < changes.length; index++) {
      const id = segmentId(record.id!, index, changes.length);
      const change = changes[index]!;
      const last = events.at(-1);
      if (change.type === 'delta' && last?.type === 'delta' && last.key === change.key)
        events[events.length - 1] = { id, type: 'delta', key: change.key, text: last.text + change.text };
      else events.push({ id, ...change });
    }
    this.skipped = 0;
  }
}
