import type { ReplyRecorder } from '../reply-recorder.js';
import { cutOff, type PartReader } from './part-reader.interface.js';

/** What is read of a chunk. */
interface Chunk {
  readonly choices: readonly {
    readonly index?: number;
    readonly delta?: Delta;
    readonly finish_reason?: string | null;
  }[];
}

/** Servers name reasoning differently, and OpenAI's types know neither name. */
interface Delta {
  readonly content?: string | null;
  readonly refusal?: string | null;
  readonly reasoning_content?: string | null;
  readonly reasoning?: string | null;
  readonly tool_calls?: readonly {
    readonly index?: number;
    readonly id?: string;
    readonly function?: { readonly name?: string; readonly arguments?: string };
  }[];
}

/** Chunks of OpenAI's Chat Completions, of which any server that speaks them is a source; the first choice of several. */
export class ChatCompletionsReader implements PartReader {
  private isFinished = false;
  private hasReasoned = false;
  private readonly calls = new Map<number, { readonly id: string; readonly name: string }>();

  static reads(part: unknown): boolean {
    return Array.isArray((part as Partial<Chunk>).choices);
  }

  read(part: unknown, to: ReplyRecorder): void {
    const choice = (part as Chunk).choices?.find(({ index = 0 }) => index === 0);
    if (choice === undefined) return;
    if (choice.delta !== undefined) this.take(choice.delta, to);
    if (choice.finish_reason == null) return;
    this.isFinished = true;
    this.closeCalls(to);
  }

  end(): void {
    if (!this.isFinished) throw cutOff('a finish_reason');
  }

  private take(delta: Delta, to: ReplyRecorder): void {
    const reasoning = delta.reasoning_content ?? delta.reasoning;
    if (reasoning) {
      this.hasReasoned = true;
      to.reasoning(reasoning);
    }
    const text = delta.content ?? delta.refusal;
    if (text) {
      if (this.hasReasoned) to.text(text);
      else to.inlineText(text);
    }
    for (const { index = 0, id, function: called } of delta.tool_calls ?? []) {
      // Some servers send no index; a call that is another one has another id.
      const open = this.calls.get(index);
      if (open === undefined || (id && id !== open.id)) this.open(index, id || undefined, called?.name, to);
      to.toolInput(this.calls.get(index)!.id, called?.arguments ?? '');
    }
  }

  /** A call is complete where the next one begins. */
  private open(index: number, id = `call-${index}`, name = '', to: ReplyRecorder): void {
    this.closeCalls(to);
    this.calls.set(index, { id, name });
    to.toolStart(id, name);
  }

  private closeCalls(to: ReplyRecorder): void {
    for (const { id, name } of this.calls.values()) to.toolCall(id, name);
    this.calls.clear();
  }
}
