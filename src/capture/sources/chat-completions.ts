import type { ReplyRecorder } from '../reply-recorder.js';
import { IndexedCalls } from './indexed-calls.js';
import { cutOff, unsaid, type PartReader } from './part-reader.interface.js';

/** What is read of a chunk. */
interface Chunk {
  readonly choices: readonly {
    readonly index?: number;
    readonly delta?: Delta | null;
    /** Of the completions before those of chats. */
    readonly text?: string | null;
    readonly finish_reason?: string | null;
  }[];
  /** Of OpenRouter. */
  readonly error?: unknown;
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
  private readonly calls = new IndexedCalls();

  static reads(part: unknown): boolean {
    return Array.isArray((part as Partial<Chunk>).choices);
  }

  read(chunk: unknown, to: ReplyRecorder): void {
    const part = chunk as Chunk;
    const choice = part.choices?.find(({ index = 0 }) => index === 0);
    if (choice === undefined) return;
    say(choice.text, to);
    if (choice.delta != null) this.take(choice.delta, to);
    if (choice.finish_reason == null) return;
    this.isFinished = true;
    if (choice.finish_reason === 'error') to.failure ??= part.error ?? unsaid();
    this.calls.end(to);
  }

  end(): void {
    if (!this.isFinished) throw cutOff('a finish_reason');
  }

  private take(delta: Delta, to: ReplyRecorder): void {
    const { content } = delta;
    reason(delta.reasoning_content || delta.reasoning, to);
    if (typeof content === 'object') for (const part of content ?? []) takePart(part, to);
    else say(content, to);
    say(delta.refusal, to);
    for (const { index, id, function: called } of delta.tool_calls ?? [])
      this.calls.take({ index, id, name: called?.name, args: called?.arguments }, to);
  }
}

function takePart({ text, thinking }: ContentPart, to: ReplyRecorder): void {
  if (typeof thinking === 'object') for (const part of thinking) reason(part.text, to);
  else reason(thinking, to);
  say(text, to);
}

/** Nothing said begins no reasoning. */
function reason(text: string | null | undefined, to: ReplyRecorder): void {
  if (text) to.reasoning(text);
}

function say(text: string | null | undefined, to: ReplyRecorder): void {
  if (text) to.inlineText(text);
}
