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

  /** @param onCall told of each call of a tool that is complete */
  constructor(private readonly onCall: (id: string, name: string) => void) {
    this.calls = new IndexedCalls(onCall);
  }

  read(
    { content, additional_kwargs: more, tool_call_chunks: chunks = [], tool_calls: calls = [] }: MessageChunk,
    to: ReplyRecorder,
  ): void {
    reason(more?.reasoning_content, to);
    if (typeof content === 'string') to.inlineText(content);
    else for (const block of content) readBlock(block, to);
    for (const piece of chunks) this.calls.take(piece, to);
    if (chunks.length === 0)
      for (const { id = newCallId(), name, args } of calls) {
        to.toolCall(id, name, args);
        this.onCall(id, name);
      }
  }

  /** The message is complete. */
  end(to: ReplyRecorder): void {
    this.calls.end(to);
    to.flush();
    to.reasoningEnd();
  }
}

function readBlock({ type, text, thinking, reasoning }: Block, to: ReplyRecorder): void {
  if (type === 'text') to.inlineText(text ?? '');
  else reason(thinking ?? reasoning, to);
}

/** Nothing said begins no reasoning. */
function reason(text: string | undefined, to: ReplyRecorder): void {
  if (text) to.reasoning(text);
}
