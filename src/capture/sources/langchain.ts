import type { ReplyRecorder } from '../reply-recorder.js';
import { isMessage, LangChainMessage } from './langchain-message.js';
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
    else if (event === 'on_llm_stream') run.text((data.chunk as { text?: string } | undefined)?.text ?? '');
    else if (event === 'on_chat_model_end') run.end(runId);
    else if (event === 'on_tool_start') run.toolStart(runId, name, data.input);
    else if (event === 'on_tool_end') run.toolEnd(runId, data.output);
    else if (event === 'on_tool_error') run.toolFailed(runId, data.error);
  }
}

/** What `stream` of a chat model of LangChain gives, or of a graph with `streamMode: 'messages'`. */
export class LangChainMessagesReader implements PartReader {
  private message: LangChainMessage | undefined;
  private id: string | undefined;

  static reads(part: unknown): boolean {
    return isMessage(messageIn(part));
  }

  read(part: unknown, to: ReplyRecorder): void {
    const chunk = messageIn(part);
    if (!isMessage(chunk)) return;
    const { id } = chunk as { id?: string };
    if (this.message === undefined || id !== this.id) this.next(id, to);
    this.message!.read(chunk, to);
  }

  end(to: ReplyRecorder): void {
    this.message?.end(to);
  }

  private next(id: string | undefined, to: ReplyRecorder): void {
    this.end(to);
    to.begin();
    this.id = id;
    this.message = new LangChainMessage();
  }
}

/** A graph gives a message with what is known of it. */
function messageIn(part: unknown): unknown {
  return (Array.isArray(part) ? part[0] : part) as unknown;
}
