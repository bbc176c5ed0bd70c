import type { ReplyRecorder } from '../reply-recorder.js';
import type { PartReader } from './part-reader.interface.js';

/** Texts, or their bytes in UTF-8: the `textStream` of the AI SDK, a file, the body of an answer. */
export class TextReader implements PartReader {
  private readonly decoder = new TextDecoder();

  static reads(part: unknown): boolean {
    return typeof part === 'string' || ArrayBuffer.isView(part);
  }

  read(part: unknown, to: ReplyRecorder): void {
    if (typeof part === 'string') to.inlineText(part);
    else if (ArrayBuffer.isView(part))
      to.inlineText(this.decoder.decode(part as Uint8Array, { stream: true }));
  }

  end(to: ReplyRecorder): void {
    to.inlineText(this.decoder.decode());
  }
}
