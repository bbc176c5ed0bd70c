import type { ReplyRecorder } from '../reply-recorder.js';
import { isMessage, LangChainMessage, type MessageChunk } from './langchain-message.js';

/** A call of a tool. */
interface Call {
  readonly id: string;
  readonly name: string;
}

/** Reads what the models and tools of one run of LangChain say, however one is told of it. */
export class LangChainRun {
  private readonly messages = new Map<string, LangChainMessage>();
  /** Runs of models that have told a part of their reply. */
  private readonly streamed = new Set<string>();
  /** What models have called and no tool has run for yet. */
  private readonly awaited: Call[] = [];
  /** What tools run for, by the ids of their runs. */
  private readonly running = new Map<string, Call>();

  constructor(private readonly to: ReplyRecorder) {}

  /** A model begins a message. */
  begin(runId: string): void {
    this.to.begin();
    this.messages.set(runId, new LangChainMessage(this.to, (id, name) => this.awaited.push({ id, name })));
  }

  chunk(runId: string, chunk: MessageChunk): void {
    this.streamed.add(runId);
    this.messageOf(runId).read(chunk);
  }

  /** Of a model of texts, not messages. */
  text(runId: string, text: string): void {
    this.streamed.add(runId);
    this.messageOf(runId).text(text);
  }

  /** A reply is complete. @param output all of it, of which a model that does not stream has told nothing before */
  end(runId: string, output: unknown): void {
    if (!this.streamed.has(runId)) this.take(runId, replyIn(output));
    this.messages.get(runId)?.end();
    this.fail(runId);
  }

  /** A reply is not completed. */
  fail(runId: string): void {
    this.messages.get(runId)?.breakOff();
    this.streamed.delete(runId);
    this.messages.delete(runId);
  }

  /** A tool begins to run; for a model that called it, unless it was the application that did. */
  toolStart(runId: string, name: string, input: unknown, toolCallId?: string): void {
    const at = this.awaited.findIndex((call) =>
      toolCallId === undefined ? call.name === name : call.id === toolCallId,
    );
    const [called] = at === -1 ? [] : this.awaited.splice(at, 1);
    const call = called ?? { id: toolCallId ?? runId, name };
    this.running.set(runId, call);
    if (called === undefined) this.to.toolCall(call.id, name, input);
  }

  toolEnd(runId: string, output: unknown): void {
    const { id, name } = this.ran(runId);
    this.to.toolResult(id, name, isMessage(output) ? output.content : output);
  }

  toolFailed(runId: string, error: unknown): void {
    const { id, name } = this.ran(runId);
    // Some of its events have a text with a stack in place of the error; its first line is the message.
    this.to.toolFailed(id, name, typeof error === 'string' ? error.split('\n', 1)[0] : error);
  }

  private messageOf(runId: string): LangChainMessage {
    if (!this.messages.has(runId)) this.begin(runId);
    return this.messages.get(runId)!;
  }

  private take(runId: string, reply: unknown): void {
    if (isMessage(reply)) this.chunk(runId, reply);
    else if (typeof reply === 'string') this.text(runId, reply);
  }

  private ran(runId: string): Call {
    const call = this.running.get(runId) ?? { id: runId, name: 'tool' };
    this.running.delete(runId);
    return call;
  }
}

/** The message, or the text, in what a model gives out: itself, or the first of what was generated. */
function replyIn(output: unknown): unknown {
  if (isMessage(output)) return output;
  const { generations } = (output ?? {}) as { generations?: { text?: string; message?: unknown }[][] };
  const first = generations?.[0]?.[0];
  return first?.message ?? first?.text;
}
