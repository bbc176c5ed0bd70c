import type { ReplyRecorder } from '../reply-recorder.js';
import { cutOff, type PartReader } from './part-reader.interface.js';

/** What is read of a block, whole or as it begins. */
interface Block {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly input?: unknown;
  readonly text?: string;
  readonly thinking?: string;
  readonly tool_use_id: string;
  readonly content: unknown;
  /** Of a tool of an MCP server. */
  readonly is_error?: boolean;
}

/** What is read of an event. */
interface Event {
  readonly type: string;
  readonly error?: unknown;
  readonly index: number;
  readonly content_block: Block;
  readonly delta: {
    readonly type: string;
    readonly text: string;
    readonly thinking: string;
    readonly partial_json: string;
  };
}

/** A call of a tool. */
interface Call {
  readonly id: string;
  readonly name: string;
  /** Given at once; undefined where it comes in pieces. */
  input: unknown;
}

const TYPES: ReadonlySet<unknown> = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
  'ping',
]);

/** Events of Anthropic's Messages. */
export class AnthropicReader implements PartReader {
  private isFinished = false;
  /** Calls of tools that are open, by the index of their block. */
  private readonly calls = new Map<number, Call>();
  /** Of tools that run at the model's. */
  private readonly names = new Map<string, string>();

  static reads(part: unknown): boolean {
    return TYPES.has((part as { type?: unknown }).type);
  }

  read(part: unknown, to: ReplyRecorder): void {
    const event = part as Event;
    if (event.type === 'message_start') to.begin();
    else if (event.type === 'content_block_start') this.begin(event, to);
    else if (event.type === 'content_block_delta') this.take(event, to);
    else if (event.type === 'content_block_stop') this.complete(event, to);
    else if (event.type === 'message_stop') this.isFinished = true;
    else if (event.type === 'error') to.failure = event.error;
  }

  end(): void {
    if (!this.isFinished) throw cutOff('message_stop');
  }

  private begin({ index, content_block: block }: Event, to: ReplyRecorder): void {
    const { type, id, name, input } = block;
    if (type === 'text') to.text(block.text ?? '');
    else if (type === 'thinking') to.reasoning(block.thinking ?? '');
    else if (type.endsWith('tool_use')) {
      this.calls.set(index, { id, name, input });
      this.names.set(id, name);
      to.toolStart(id, name);
    } else if (type.endsWith('tool_result')) this.result(block, to);
  }

  private result({ type, tool_use_id: id, content, is_error: isError }: Block, to: ReplyRecorder): void {
    const name = this.names.get(id) ?? type;
    if (isError === true) to.toolFailed(id, name, textOf(content));
    else to.toolResult(id, name, content);
  }

  private take({ index, delta }: Event, to: ReplyRecorder): void {
    if (delta.type === 'text_delta') to.text(delta.text);
    else if (delta.type === 'thinking_delta') to.reasoning(delta.thinking);
    else if (delta.type === 'input_json_delta') this.takeInput(this.calls.get(index), delta.partial_json, to);
  }

  private takeInput(call: Call | undefined, text: string, to: ReplyRecorder): void {
    if (call === undefined || text === '') return;
    call.input = undefined;
    to.toolInput(call.id, text);
  }

  private complete({ index }: Event, to: ReplyRecorder): void {
    const call = this.calls.get(index);
    this.calls.delete(index);
    if (call === undefined) to.reasoningEnd();
    else to.toolCall(call.id, call.name, call.input);
  }
}

/** What an MCP server says went wrong: a text, or a list of them. */
function textOf(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  return (content as { text?: string }[]).map(({ text }) => text ?? '').join('');
}
