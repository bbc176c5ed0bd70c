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

/** What `stream` of a chat model of LangChain gives, or of a graph with `streamMode: 'messages'`. */
export class LangChainMessagesReader implements PartReader {
  private message: LangChainMessage | undefined;
  private id: string | undefined;
  /** Of the tools that were called, by the ids of the calls. */
  private readonly names = new Map<string, string>();

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

  end(to: ReplyRecorder): void {
    this.message?.end(to);
    this.message = undefined;
  }

  private said(chunk: MessageChunk, to: ReplyRecorder): void {
    if (this.message === undefined || chunk.id !== this.id) this.next(chunk.id, to);
    this.message!.read(chunk, to);
  }

  /** A graph gives what its tools return among the messages. */
  private returned({ tool_call_id: id, name, status, content }: ToolMessage, to: ReplyRecorder): void {
    this.end(to);
    const toolName = name ?? this.names.get(id) ?? 'tool';
    if (status === 'error')
      to.toolFailed(id, toolName, typeof content === 'string' ? content : JSON.stringify(content));
    else to.toolResult(id, toolName, content);
  }

  private next(id: string | undefined, to: ReplyRecorder): void {
    this.end(to);
    to.begin();
    this.id = id;
    this.message = new LangChainMessage((call, name) => this.names.set(call, name));
  }
}

/** A graph gives a message with what is known of it. */
function messageIn(part: unknown): unknown {
  return (Array.isArray(part) ? part[0] : part) as unknown;
}
