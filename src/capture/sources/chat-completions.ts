import type { ReplyRecorder } from '../reply-recorder.js';
import { IndexedCalls } from './indexed-calls.js';
import { cutOff, type PartReader } from './part-reader.interface.js';

/** What is read of a chunk. */
interface Chunk {
  readonly choices: readonly {
    readonly index?: number;
    readonly delta?: Delta | null;
    /** Of the completions before those of chats. */
    readonly text?: string | null;
    readonly finish_reason?: string | null;
  }[];
}

/** A part of a content that is a list, as Mistral's reasoning models send it. */
interface ContentPart {
  readonly type: string;
  readonly text?: string;
  readonly thinking?: string | readonly ContentPart[];
}

/** Servers name reasoning differently, and OpenAI's types know neither name. */
interface Delta {
  readonly content?: string | readonly ContentPart[] | null;
  readonly refusal?: string | null;
  readonly reasoning_content?: string | null;
  readonly reasoning?: string | null;
  readonly tool_calls?: readonly {
    readonly index?: number;
    readonly id?: string;
    readonly function?: { readonly name?: string; readonly arguments?: unknown };
  }[];
}

/** Chunks of OpenAI's Chat Completions, of which any server that speaks them is a source; the first choice of several. */
export class ChatCompletionsReader implements PartReader {
  private isFinished = false;
  private hasReasoned = false;
  private readonly calls = new IndexedCalls();

  static reads(part: unknown): boolean {
    return Array.isArray((part as Partial<Chunk>).choices);
  }

  read(part: unknown, to: ReplyRecorder): void {
    const choice = (part as Chunk).choices?.find(({ index = 0 }) => index === 0);
    if (choice === undefined) return;
    this.say(choice.text, to);
    if (choice.delta != null) this.take(choice.delta, to);
    if (choice.finish_reason == null) return;
    this.isFinished = true;
    this.calls.end(to);
  }

  end(): void {
    if (!this.isFinished) throw cutOff('a finish_reason');
  }

  private take(delta: Delta, to: ReplyRecorder): void {
    const { content } = delta;
    this.reason(delta.reasoning_content || delta.reasoning, to);
    if (typeof content === 'object') for (const part of content ?? []) this.takePart(part, to);
    else this.say(content, to);
    this.say(delta.refusal, to);
    for (const { index, id, function: called } of delta.tool_calls ?? [])
      this.calls.take({ index, id, name: called?.name, args: called?.arguments }, to);
  }

  private takePart({ text, thinking }: ContentPart, to: ReplyRecorder): void {
    if (typeof thinking === 'object') for (const part of thinking) this.reason(part.text, to);
    else this.reason(thinking, to);
    this.say(text, to);
  }

  private reason(text: string | null | undefined, to: ReplyRecorder): void {
    if (!text) return;
    // White space may have been held back, as what may be the beginning of reasoning.
    if (!this.hasReasoned) to.flush();
    this.hasReasoned = true;
    to.reasoning(text);
  }

  private say(text: string | null | undefined, to: ReplyRecorder): void {
    if (!text) return;
    if (this.hasReasoned) to.text(text);
    else to.inlineText(text);
  }
}
