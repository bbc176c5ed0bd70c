import type { Gap } from '../../entry/gap.js';
import type { SessionRecord } from '../../entry/log-entry.js';
import type { SessionEnd } from '../../entry/session-end.js';
import type { SegmentReducer } from '../../segments/segment-reducer.js';
import type { SegmentChange } from '../../segments/session-segment.js';
import { isOfModel } from './answer-text.js';
import { OneShotView } from './one-shot-view.js';

/** The answers alone, as plain text, a blank line between them; or the lines of the log, where only these are wanted. */
export class TextView extends OneShotView {
  readonly headers = { 'Content-Type': 'text/plain; charset=utf-8' };
  readonly comment = '';
  readonly endsAtGap = false;
  private readonly open = new Set<string>();
  private separator = '';

  constructor(
    reducer: SegmentReducer,
    private readonly wantsLines: boolean,
  ) {
    super(reducer);
  }

  /** Its reader is given nothing of what came before. */
  beginHere(): void {
    this.separator = '';
  }

  /** There is no other place to tell it. What follows is no part of what was open before. */
  gap({ missed }: Gap): string {
    const rest = this.feed.reducer.interrupt().map(this.textOf).join('');
    this.separator = '';
    return `${rest}\n[entries missing here: ${missed ?? 'unknown'}]\n`;
  }

  frames(records: readonly SessionRecord[]): string {
    return this.feed.take(records).map(this.textOf).join('');
  }

  /** There is no other place to tell that half an answer is all that has come. */
  end({ reason }: SessionEnd): string | undefined {
    return reason === 'error' ? undefined : '';
  }

  private readonly textOf = (change: SegmentChange): string => {
    if (change.type === 'start') return this.begin(change);
    if (change.type === 'end') this.open.delete(change.key);
    return change.type === 'delta' && this.open.has(change.key) ? change.text : '';
  };

  private begin({ segment }: Extract<SegmentChange, { type: 'start' }>): string {
    if (segment.kind === 'log') return this.wantsLines ? `${segment.text}\n` : '';
    if (segment.kind !== 'text' || !isOfModel(segment)) return '';
    this.open.add(segment.key);
    const { separator } = this;
    this.separator = '\n\n';
    return separator;
  }
}
