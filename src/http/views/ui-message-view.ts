import type { SessionRecord } from '../../entry/log-entry.js';
import type { SegmentChangeEvent } from '../../segments/segment-feed.js';
import { OneShotView } from './one-shot-view.js';
import { COMMENT_FRAME, EVENT_STREAM } from './sse-frames.js';
import { UiMessageChunks, type UiMessageChunk } from './ui-message-chunks.js';

const DONE = 'data: [DONE]\n\n';

/** One reply, as the AI SDK reads it; a client that was cut off asks for it from its beginning. */
export class UiMessageView extends OneShotView {
  readonly headers = { ...EVENT_STREAM, 'X-Vercel-AI-UI-Message-Stream': 'v1' };
  readonly comment = COMMENT_FRAME;
  readonly endsAtGap = true;
  private readonly chunks = new UiMessageChunks();

  gap(): string {
    return chunkFrame({ type: 'error', errorText: 'A part of the reply is missing.' }) + DONE;
  }

  frames(records: readonly SessionRecord[]): string {
    let frames = '';
    for (const event of this.feed.take(records)) {
      frames += this.framesOf(event);
      if (event.type !== 'finish') continue;
      this.isDone = true;
      return frames + DONE;
    }
    return frames;
  }

  /** It is told among the frames. */
  end(): string {
    return '';
  }

  private framesOf(event: SegmentChangeEvent): string {
    return this.chunks.of(event).map(chunkFrame).join('');
  }
}

function chunkFrame(chunk: UiMessageChunk): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
