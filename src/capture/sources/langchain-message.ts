import type { ReplyRecorder } from '../reply-recorder.js';

/** What is read of a chunk of a message. */
export interface MessageChunk {
  readonly content: string | readonly Block[];
  readonly additional_kwargs?: { readonly reasoning_content?: string };
  readonly tool_call_chunks?: readonly {
    readonly index?: number;
    readonly id?: string;
    readonly name?: string;
    readonly args?: string;
  }[];
}

interface Block {
  readonly type: string;
  readonly text?: string;
  readonly thinking?: string;
  readonly reasoning?: string;
}

/** Whether a value is a message of LangChain, or a chunk of one. */
export function isMessage(value: unknown): value is MessageChunk {
  const { content, getType } = value as { content?: unknown; getType?: unknown };
  return typeof getType === 'function' && (typeof content === 'string' || Array.isArray(content));
}

/** Reads one message of LangChain, chunk by chunk. */
export class LangChainMessage {
  private hasReasoned = false;
  /** The calls of tools that are open, by index. */
  private readonly calls = new Map<number, { readonly id: string; readonly name: string }>();

  /** @param onCall told of each call of a tool that is complete */
  constructor(private readonly onCall: (id: string, name: string) => void = () => {}) {}

  read(
    { content, additional_kwargs: more, tool_call_chunks: calls = [] }: MessageChunk,
    to: ReplyRecorder,
  ): void {
    this.reason(more?.reasoning_content, to);
    if (typeof content === 'string') this.say(content, to);
    else for (const block of content) this.readBlock(block, to);
    for (const { index = 0, id, name, args } of calls) {
      if (!this.calls.has(index)) this.open(index, id, name, to);
      to.toolInput(this.calls.get(index)!.id, args ?? '');
    }
  }

  /** The message is complete. */
  end(to: ReplyRecorder): void {
    for (const { id, name } of this.calls.values()) {
      to.toolCall(id, name);
      this.onCall(id, name);
    }
    this.calls.clear();
    to.flush();
    to.reasoningEnd();
  }

  private readBlock({ type, text, thinking, reasoning }: Block, to: ReplyRecorder): void {
    if (type === 'text') this.say(text ?? '', to);
    else this.reason(thinking ?? reasoning, to);
  }

  private reason(text: string | undefined, to: ReplyRecorder): void {
    if (!text) return;
    this.hasReasoned = true;
    to.reasoning(text);
  }

  private say(text: string, to: ReplyRecorder): void {
    if (this.hasReasoned) to.text(text);
    else if (text !== '') to.inlineText(text);
  }

  private open(index: number, id = `call-${index}`, name = '', to: ReplyRecorder): void {
    this.end(to);
    this.calls.set(index, { id, name });
    to.toolStart(id, name);
  }
}
