import type { ReplyRecorder } from '../reply-recorder.js';
import { isMessage, LangChainMessage, type MessageChunk } from './langchain-message.js';
import { LangChainRun } from './langchain-run.js';
import type { PartReader } from './part-reader.interface.js';

/** What is read of an event. */
interface Event {
  readonly event: string;
  readonly name: string;
  readonly run_id: string;
  readonly data: {
    readonly chunk?: unknown;
    readonly input?: unknown;
    readonly output?: unknown;
    readonly error?: unknown;
  };
}

/** What `streamEvents` of LangChain gives, in version 2 of its format. */
export class LangChainEventsReader implements PartReader {
  private run: LangChainRun | undefined;

  static reads(part: unknown): boolean {
    const { event, data } = part as Partial<Event>;
    return typeof event === 'string' && event.startsWith('on_') && typeof data === 'object';
  }

  read(part: unknown, to: ReplyRecorder): void {
    this.run ??= new LangChainRun(to);
    const { run } = this;
    const { event, run_id: runId, name, data } = part as Event;
    if (event === 'on_chat_model_start' || event === 'on_llm_start') run.begin(runId);
    else if (event === 'on_chat_model_stream' && isMessage(data.chunk)) run.chunk(runId, data.chunk);
    else if (event === 'on_llm_stream')
      run.text(runId, (data.chunk as { text?: string } | undefined)?.text ?? '');
    else if (event === 'on_chat_model_end' || event === 'on_llm_end') run.end(runId, data.output);
    else if (event === 'on_tool_start') run.toolStart(runId, name, data.input);
    else if (event === 'on_tool_end') run.toolEnd(runId, data.output);
    else if (event === 'on_tool_error') run.toolFailed(runId, data.error);
  }
}

/** What is read of the message with which a tool answers. */
interface ToolMessage extends MessageChunk {
  readonly tool_call_id: string;
  readonly name?: string;
  readonly status?: string;
}

/** Messages that are not known to be complete: so many parts of a graph may speak by turns. */
const MOST_MESSAGES = 16;

/** What `stream` of a chat model of LangChain gives, or of a graph with `streamMode: 'messages'`. */
export class LangChainMessagesReader implements PartReader {
  /** By their ids, the one that spoke last at the end. */
  private readonly messages = new Map<string | undefined, LangChainMessage>();
  private id: string | undefined;
  /** What was called, and in which message, by the ids of the calls. */
  private readonly calls = new Map<
    string,
    { readonly name: string; readonly messageId: string | undefined }
  >();

  static reads(part: unknown): boolean {
    return isMessage(messageIn(part));
  }

  read(part: unknown, to: ReplyRecorder): void {
    const message = messageIn(part);
    if (!isMessage(message)) return;
    const type = message.getType();
    if (type === 'ai' || type === 'generic') this.said(message, to);
    else if (type === 'tool') this.returned(message as ToolMessage, to);
  }

  end(): void {
    for (const message of this.messages.values()) message.end();
    this.messages.clear();
  }

  private said(chunk: MessageChunk, to: ReplyRecorder): void {
    if (chunk.id !== this.id) for (const message of this.messages.values()) message.pause();
    this.id = chunk.id;
    const message = this.messages.get(chunk.id) ?? this.begin(chunk.id, to);
    this.messages.delete(chunk.id);
    this.messages.set(chunk.id, message);
    message.read(chunk);
  }

  /** A graph gives what its tools return among the messages. */
  private returned({ tool_call_id: id, name, status, content }: ToolMessage, to: ReplyRecorder): void {
    for (const message of this.messages.values()) message.pause(id);
    const call = this.calls.get(id);
    // What has called it is complete by then.
    if (call !== undefined) this.endOf(call.messageId);
    const toolName = name ?? call?.name ?? 'tool';
    if (status === 'error')
      to.toolFailed(id, toolName, typeof content === 'string' ? content : JSON.stringify(content));
    else to.toolResult(id, toolName, content);
  }

  private begin(messageId: string | undefined, to: ReplyRecorder): LangChainMessage {
    const [oldest] = this.messages.keys();
    if (this.messages.size >= MOST_MESSAGES) this.endOf(oldest);
    to.begin();
    to.reasoningEnd();
    return new LangChainMessage(to, (call, name) => this.calls.set(call, { name, messageId }));
  }

  private endOf(messageId: string | undefined): void {
    this.messages.get(messageId)?.end();
    this.messages.delete(messageId);
  }
}

/** A graph gives a message with what is known of it. */
function messageIn(part: unknown): unknown {
  return (Array.isArray(part) ? part[0] : part) as unknown;
}
