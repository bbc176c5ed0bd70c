import type { Gap } from '../../entry/gap.js';
import type { SessionRecord } from '../../entry/log-entry.js';
import { SegmentFeed, type SegmentChangeEvent } from '../../segments/segment-feed.js';
import type { SegmentReducer } from '../../segments/segment-reducer.js';
import { isOfModel } from './answer-text.js';
import type { SessionView } from './session-view.interface.js';

/** The answers alone, as plain text, a blank line between them; or the lines of the log, where only these are wanted. */
export class TextView implements SessionView {
  readonly headers = { 'Content-Type': 'text/plain; charset=utf-8' };
  readonly comment = '';
  readonly breaks = true;
  readonly endsAtGap = false;
  readonly mayLag = false;
  readonly lags = false;
  readonly isDone = false;
  private readonly feed: SegmentFeed;
  private readonly open = new Set<string>();
  private separator = '';

  constructor(
    reducer: SegmentReducer,
    private readonly wantsLines: boolean,
  ) {
    this.feed = new SegmentFeed(reducer);
  }

  greet(): string {
    return '';
  }

  /** There is no other place to tell it. */
  gap({ missed }: Gap): string {
    return `\n[entries missing here: ${missed ?? 'unknown'}]\n`;
  }

  frames(records: readonly SessionRecord[]): string {
    return this.feed.take(records).map(this.textOf).join('');
  }

  end(): string {
    return '';
  }

  position(): string {
    return '';
  }

  comeBack(): string {
    return '';
  }

  private readonly textOf = (change: SegmentChangeEvent): string => {
    if (change.type === 'start') return this.begin(change);
    if (change.type === 'end') this.open.delete(change.key);
    return change.type === 'delta' && this.open.has(change.key) ? change.text : '';
  };

  private begin({ segment }: Extract<SegmentChangeEvent, { type: 'start' }>): string {
    if (segment.kind === 'log') return this.wantsLines ? `${segment.text}\n` : '';
    if (segment.kind !== 'text' || !isOfModel(segment)) return '';
    this.open.add(segment.key);
    const { separator } = this;
    this.separator = '\n\n';
    return separator;
  }
}
