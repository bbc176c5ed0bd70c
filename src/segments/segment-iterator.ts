import type { Gap } from '../entry/gap.js';
import type { SessionRecord } from '../entry/log-entry.js';
import type { SessionTokens } from '../entry/special-tokens.js';
import { openSegments } from './open-segments.js';
import type { RecordSource } from './record-source.js';
import { SegmentFeed } from './segment-feed.js';
import { SegmentReducer } from './segment-reducer.js';
import type { SessionSegmentEvent } from './session-segment.js';

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Follows the segments of a session: a snapshot, or what follows an id, then each change. */
export class SegmentIterator implements AsyncIterableIterator<SessionSegmentEvent, undefined> {
  private feed: SegmentFeed | undefined;
  private live: AsyncIterator<unknown, undefined> | undefined;
  /** Given out one by one, up to {@link given}. */
  private events: SessionSegmentEvent[] = [];
  private given = 0;
  private lost: Gap | undefined;
  private lastId: string;
  private isOver = false;
  private last: Promise<unknown> = Promise.resolve();

  /** @param after an id that was given; what follows it is given, without a snapshot where all before it is known */
  constructor(
    private readonly source: RecordSource,
    private readonly tokens: SessionTokens,
    private readonly after: string | undefined,
  ) {
    this.lastId = after ?? '';
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
    this.hold([]);
    void this.live?.return?.();
    return Promise.resolve(DONE);
  }

  throw(error: unknown): Promise<IteratorResult<SessionSegmentEvent, undefined>> {
    void this.return();
    return Promise.reject(error);
  }

  private async pull(): Promise<IteratorResult<SessionSegmentEvent, undefined>> {
    for (;;) {
      const value = this.events[this.given++];
      if (value !== undefined) return this.give(value);
      this.hold([]);
      if (this.isOver) return DONE;
      if (this.live === undefined) await this.begin(this.after);
      else await this.advance(this.live);
    }
  }

  private hold(events: SessionSegmentEvent[]): void {
    this.events = events;
    this.given = 0;
  }

  private give(value: SessionSegmentEvent): IteratorResult<SessionSegmentEvent, undefined> {
    this.lastId = value.id;
    return { done: false, value };
  }

  private async advance(live: AsyncIterator<unknown, undefined>): Promise<void> {
    const { done } = await live.next();
    if (this.lost !== undefined) await this.restart(live, this.lost);
    else if (done === true) this.isOver = true;
  }

  /** What was between is lost: it is told what there is. */
  private async restart(live: AsyncIterator<unknown, undefined>, gap: Gap): Promise<void> {
    void live.return?.();
    this.lost = undefined;
    this.hold([{ id: this.lastId, type: 'gap', gap }]);
    await this.begin(undefined, gap.resumedAt);
  }

  private async begin(after: string | undefined, told?: string): Promise<void> {
    const { first, position, skipped, reducer } = await openSegments(
      this.source.read,
      () => new SegmentReducer(this.tokens),
      after,
      told,
    );
    if (this.isOver) return;
    this.events.push(...first);
    this.feed = new SegmentFeed(reducer, skipped);
    this.live = this.source.follow(position, {
      record: (record) => this.take(record),
      gap: (gap) => (this.lost = gap),
    });
  }

  private take(record: SessionRecord): void {
    // What follows a gap is in the snapshot that is read anew.
    if (this.lost !== undefined || this.feed === undefined) return;
    for (const event of this.feed.take([record])) this.events.push(event);
  }
}
