import type { Gap } from '../../entry/gap.js';
import type { SessionRecord } from '../../entry/log-entry.js';
import type { SessionEnd } from '../../entry/session-end.js';
import type { SessionView } from './session-view.interface.js';
import { COMMENT_FRAME, EVENT_STREAM, retryFrame } from './sse-frames.js';

/** Events with ids, for clients that come back by themselves and go on behind the last one. */
export abstract class ResumableView implements SessionView {
  readonly headers = EVENT_STREAM;
  readonly comment = COMMENT_FRAME;
  readonly breaks = false;
  readonly endsAtGap: boolean = false;
  readonly isDone = false;
  abstract readonly mayLag: boolean;
  lags = false;

  /** @param retry milliseconds that a client waits before it comes back */
  constructor(protected readonly retry: number) {}

  abstract greet(position: string, gap: Gap | undefined): string;
  abstract gap(gap: Gap): string;
  abstract frames(records: readonly SessionRecord[], endsSession: boolean): string | Buffer;
  abstract end(end: SessionEnd): string;
  abstract position(id: string): string;

  more(): string {
    return '';
  }

  comeBack(ms: number): string {
    return retryFrame(ms);
  }
}
