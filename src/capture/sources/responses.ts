import { jsonOrText } from '../../entry/json-or-text.js';
import type { ReplyRecorder } from '../reply-recorder.js';
import { cutOff, type PartReader } from './part-reader.interface.js';

/** What is read of an event. */
interface Event {
  readonly type: string;
  readonly item_id: string;
  readonly delta: string;
  readonly item: Item;
  readonly message: string;
  readonly response: { readonly error?: { readonly message?: string } | null };
}

interface Item {
  readonly type: string;
  readonly id: string;
  readonly call_id?: string;
  readonly name?: string;
  /** Of a function, as JSON. */
  readonly arguments?: string;
  /** Of a custom tool, as text. */
  readonly input?: string;
  /** Of tools that run at the model's. */
  readonly action?: unknown;
  readonly code?: string | null;
  readonly queries?: readonly string[];
  /** What such a tool returned, or what went wrong. */
  readonly output?: unknown;
  readonly outputs?: unknown;
  readonly results?: unknown;
  readonly error?: unknown;
}

/** Events of OpenAI's Responses. */
export class ResponsesReader implements PartReader {
  private isFinished = false;
  /** The ids of the calls of tools, by that of their item. */
  private readonly calls = new Map<string, string>();

  static reads(part: unknown): boolean {
    const { type, message } = part as { type?: unknown; message?: unknown };
    if (type === 'error') return typeof message === 'string';
    return typeof type === 'string' && type.startsWith('response.');
  }

  read(part: unknown, to: ReplyRecorder): void {
    const event = part as Event;
    switch (event.type) {
      case 'response.created':
        return to.begin();
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        return to.text(event.delta);
      case 'response.reasoning_text.delta':
      case 'response.reasoning_summary_text.delta':
        return to.reasoning(event.delta);
      case 'response.reasoning_text.done':
      case 'response.reasoning_summary_text.done':
        return to.reasoningEnd();
      case 'response.output_item.added':
        return this.begin(event.item, to);
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
      case 'response.mcp_call_arguments.delta':
        return to.toolInput(this.calls.get(event.item_id) ?? event.item_id, event.delta);
      case 'response.output_item.done':
        return this.complete(event.item, to);
      case 'response.completed':
      case 'response.incomplete':
        this.isFinished = true;
        return;
      case 'response.failed':
        return this.fail(event.response.error?.message, to);
      case 'error':
        return this.fail(event.message, to);
    }
  }

  end(): void {
    if (!this.isFinished) throw cutOff('response.completed');
  }

  private begin(item: Item, to: ReplyRecorder): void {
    if (!isCall(item)) return;
    this.calls.set(item.id, item.call_id ?? item.id);
    to.toolStart(item.call_id ?? item.id, nameOf(item));
  }

  private complete(item: Item, to: ReplyRecorder): void {
    if (!isCall(item)) return;
    const id = item.call_id ?? item.id;
    const name = nameOf(item);
    this.calls.delete(item.id);
    // What a function was sent in pieces is read from these.
    to.toolCall(id, name, inputOf(item));
    const output = item.output ?? item.outputs ?? item.results;
    if (item.error != null) to.toolFailed(id, name, item.error);
    else if (output != null) to.toolResult(id, name, output);
  }

  private fail(message: string | undefined, to: ReplyRecorder): void {
    this.isFinished = true;
    to.failure = new Error(message ?? 'The response failed.');
  }
}

function isCall({ type }: Item): boolean {
  return type.endsWith('_call');
}

function nameOf({ name, type }: Item): string {
  return name ?? type.replace(/_call$/, '');
}

function inputOf({ input, action, code, queries, arguments: text }: Item): unknown {
  if (input !== undefined || action !== undefined) return input ?? action;
  if (code != null) return { code };
  if (queries !== undefined) return { queries };
  return text === undefined || text === '' ? undefined : jsonOrText(text);
}
