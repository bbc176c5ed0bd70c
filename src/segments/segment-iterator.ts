import type { Gap } from '../entry/gap.js';
import type { SessionRecord } from '../entry/log-entry.js';
import { parsePosition } from '../entry/position.js';
import type { SessionTokens } from '../entry/special-tokens.js';
import { parseSegmentId, segmentId } from './segment-id.js';
import { SegmentList } from './segment-list.js';
import { SegmentReducer } from './segment-reducer.js';
import type { SegmentChange, SessionSegmentEvent } from './session-segment.js';

/** A page of a session. */
export interface RecordPage {
  readonly records: readonly SessionRecord[];
  readonly position: string;
  readonly more: boolean;
  readonly gap: Gap | undefined;
}

/** What is told of a session that is followed. */
export interface RecordListener {
  /** Each record, in order. */
  record(record: SessionRecord): void;
  gap(gap: Gap): void;
}

/** Where records are from. */
export interface RecordSource {
  history(after: string | undefined, limit: number): Promise<RecordPage>;
  /** Gives a result for each entry, which the listener has had by then, and ends with the session. */
  follow(from: string, to: RecordListener): AsyncIterator<unknown, undefined>;
}

const PAGE = 1_000;
const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Follows the segments of a session: a snapshot, or what follows an id, then each change. */
export class SegmentIterator implements AsyncIterableIterator<SessionSegmentEvent, undefined> {
  private reducer: SegmentReducer;
  private live: AsyncIterator<unknown, undefined> | undefined;
  /** Given out one by one. */
  private events: SessionSegmentEvent[] = [];
  /** Changes of the next record that were given before. */
  private skipped = 0;
  private lost: Gap | undefined;
  private isOver = false;
  private last: Promise<unknown> = Promise.resolve();

  /** @param after an id that was given; what follows it is given, without a snapshot where all before it is known */
  constructor(
    private readonly source: RecordSource,
    private readonly tokens: SessionTokens,
    private readonly after: string | undefined,
  ) {
    this.reducer = new SegmentReducer(tokens);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<SessionSegmentEvent, undefined>> {
    const next = this.last.then(() => this.pull());
    this.last = next.catch(() => {});
    return next;
  }

  return(): Promise<IteratorResult<SessionSegmentEvent, undefined>> {
    this.isOver = true;
    this.events = [];
    void this.live?.return?.();
    return Promise.resolve(DONE);
  }

  throw(error: unknown): Promise<IteratorResult<SessionSegmentEvent, undefined>> {
    void this.return();
    return Promise.reject(error);
  }

  private async pull(): Promise<IteratorResult<SessionSegmentEvent, undefined>> {
    for (;;) {
      const value = this.events.shift();
      if (value !== undefined) return { done: false, value };
      if (this.isOver) return DONE;
      if (this.live === undefined) await this.begin();
      else await this.advance(this.live);
    }
  }

  private async advance(live: AsyncIterator<unknown, undefined>): Promise<void> {
    const { done } = await live.next();
    if (this.lost !== undefined) await this.restart(live, this.lost);
    else if (done === true) this.isOver = true;
  }

  private async begin(): Promise<void> {
    if (this.after === undefined) return this.snapshot();
    const place = parseSegmentId(this.after);
    const { gap } = await this.source.history(place?.after ?? this.after, 1);
    if (gap !== undefined) this.events.push({ id: gap.resumedAt, type: 'gap', gap });
    if (gap !== undefined || place === undefined || !(await this.replay(place.after))) return this.snapshot();
    this.skipped = place.changes;
    this.follow(place.after);
  }

  /** What was between is lost: it is told what there is. */
  private async restart(live: AsyncIterator<unknown, undefined>, gap: Gap): Promise<void> {
    void live.return?.();
    this.lost = undefined;
    this.events = [{ id: gap.resumedAt, type: 'gap', gap }];
    await this.snapshot();
  }

  private async snapshot(): Promise<void> {
    this.reducer = new SegmentReducer(this.tokens);
    this.skipped = 0;
    const list = new SegmentList();
    let last: SegmentChange | undefined;
    const id = await this.readAll((changes) => {
      for (const change of changes) list.apply(change);
      last = changes.at(-1) ?? last;
    });
    this.events.push({ id, type: 'snapshot', segments: list.all() });
    if (last?.type === 'finish') this.events.push({ id, ...last });
    this.follow(id);
  }

  /** @returns the position of the last record */
  private async readAll(tell: (changes: SegmentChange[]) => void): Promise<string> {
    let page: RecordPage | undefined;
    do {
      page = await this.source.history(page?.position, PAGE);
      for (const record of page.records) tell(this.reducer.push(record));
    } while (page.more && !this.isOver);
    return page.position;
  }

  /** Comes to the state behind a record; false where that cannot be known, as the beginning of the session has gone. */
  private async replay(until: string): Promise<boolean> {
    const end = offsetOf(until);
    let page = await this.source.history(undefined, PAGE);
    if (end > 0 && offsetOf(page.records[0]?.id) !== 1) return false;
    for (;;) {
      for (const record of page.records) if (offsetOf(record.id) <= end) this.reducer.push(record);
      if (offsetOf(page.position) >= end || !page.more) return true;
      page = await this.source.history(page.position, PAGE);
    }
  }

  private follow(from: string): void {
    this.live = this.source.follow(from, {
      record: (record) => this.take(record),
      gap: (gap) => (this.lost = gap),
    });
    if (this.isOver) void this.live.return?.();
  }

  private take(record: SessionRecord): void {
    // What follows a gap is in the snapshot that is read anew.
    if (this.lost !== undefined) return;
    const changes = this.reducer.push(record);
    for (let index = this.skipped; index < changes.length; index++) {
      this.events.push({ id: segmentId(record.id!, index, changes.length), ...changes[index]! });
    }
    this.skipped = 0;
  }
}

function offsetOf(position: string | undefined): number {
  return parsePosition(position ?? '')?.offset ?? 0;
}
