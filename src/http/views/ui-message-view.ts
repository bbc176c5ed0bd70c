import type { SessionRecord } from '../../entry/log-entry.js';
import type { SessionEnd } from '../../entry/session-end.js';
import { SegmentFeed, type SegmentChangeEvent } from '../../segments/segment-feed.js';
import type { SegmentReducer } from '../../segments/segment-reducer.js';
import type { SessionView } from './session-view.interface.js';
import { COMMENT_FRAME, EVENT_STREAM } from './sse-frames.js';
import { UiMessageChunks, type UiMessageChunk } from './ui-message-chunks.js';

const DONE = 'data: [DONE]\n\n';

/** One reply, as the AI SDK reads it; a client that was cut off asks for it from its beginning. */
export class UiMessageView implements SessionView {
  readonly headers = { ...EVENT_STREAM, 'X-Vercel-AI-UI-Message-Stream': 'v1' };
  readonly comment = COMMENT_FRAME;
  readonly breaks = true;
  readonly endsAtGap = true;
  readonly mayLag = false;
  readonly lags = false;
  isDone = false;
  private readonly chunks = new UiMessageChunks();
  private readonly feed: SegmentFeed;

  /** @param reducer has been given nothing of the reply */
  constructor(reducer: SegmentReducer) {
    this.feed = new SegmentFeed(reducer);
  }

  greet(): string {
    return '';
  }

  gap(): string {
    return chunkFrame({ type: 'error', errorText: 'A part of the reply is missing.' }) + DONE;
  }

  frames(records: readonly SessionRecord[], endsSession: boolean): string {
    let frames = '';
    for (const event of this.feed.take(endsSession ? records.slice(0, -1) : records)) {
      frames += this.framesOf(event);
      if (event.type !== 'finish') continue;
      this.isDone = true;
      return frames + DONE;
    }
    return frames;
  }

  end(end: SessionEnd): string {
    return this.frames([end], false);
  }

  position(): string {
    return '';
  }

  comeBack(): string {
    return '';
  }

  private framesOf(event: SegmentChangeEvent): string {
    return this.chunks.of(event).map(chunkFrame).join('');
  }
}

function chunkFrame(chunk: UiMessageChunk): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
