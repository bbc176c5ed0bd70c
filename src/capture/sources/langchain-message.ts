import type { InlineReasoning } from '../inline-reasoning.js';
import type { ReplyRecorder } from '../reply-recorder.js';
import { IndexedCalls, type CallPiece } from './indexed-calls.js';
import { newCallId } from './new-call-id.js';

/** What is read of a message, or of a chunk of one. */
export interface MessageChunk {
  readonly id?: string;
  readonly content: string | readonly Block[];
  readonly additional_kwargs?: { readonly reasoning_content?: string };
  readonly tool_call_chunks?: readonly CallPiece[];
  /** Of a message that is whole. */
  readonly tool_calls?: readonly { readonly id?: string; readonly name: string; readonly args: unknown }[];
  getType(): string;
}

interface Block {
  readonly type: string;
  readonly text?: string;
  readonly thinking?: string;
  readonly reasoning?: string;
}

/** Whether a value is a message of LangChain, or a chunk of one. */
export function isMessage(value: unknown): value is MessageChunk {
  const { content, getType } = (value ?? {}) as { content?: unknown; getType?: unknown };
  return typeof getType === 'function' && (typeof content === 'string' || Array.isArray(content));
}

/** Reads one message of LangChain, chunk by chunk. */
export class LangChainMessage {
  private readonly calls: IndexedCalls;
  private readonly inline: InlineReasoning;

  /** @param onCall told of each call of a tool that is complete */
  constructor(
    private readonly to: ReplyRecorder,
    private readonly onCall: (id: string, name: string) => void,
  ) {
    this.calls = new IndexedCalls(onCall);
    this.inline = to.openInline();
  }

  read({
    content,
    additional_kwargs: more,
    tool_call_chunks: chunks = [],
    tool_calls: calls = [],
  }: MessageChunk): void {
    this.reason(more?.reasoning_content);
    if (typeof content === 'string') this.text(content);
    else for (const block of content) this.block(block);
    // What was held back was said before a call.
    if (chunks.length > 0 || calls.length > 0) this.to.flushText(this.inline);
    for (const piece of chunks) this.calls.take(piece, this.to);
    if (chunks.length > 0) return;
    for (const { id = newCallId(), name, args } of calls) {
      this.to.toolCall(id, name, args);
      this.onCall(id, name);
    }
  }

  /** A piece of the answer, which may begin with reasoning. */
  text(text: string): void {
    this.to.inlineText(text, this.inline);
  }

  /** Another message goes on. @param returned the call of a tool that has returned, which is complete in any case */
  pause(returned?: string): void {
    this.calls.settle(this.to, returned);
  }

  /** The message is complete. */
  end(): void {
    this.calls.end(this.to);
    this.breakOff();
  }

  /** Nothing more comes of it. */
  breakOff(): void {
    this.to.closeInline(this.inline);
    this.to.reasoningEnd();
  }

  private block({ type, text, thinking, reasoning }: Block): void {
    if (type === 'text') this.text(text ?? '');
    else this.reason(thinking ?? reasoning);
  }

  /** Nothing said begins no reasoning. */
  private reason(text: string | undefined): void {
    if (text) this.to.reasoning(text, this.inline);
  }
}
