import OpenAI from 'openai';
import type { ChatMessage, ChatModel, ModelPiece } from './model.js';

/** Servers name reasoning differently, and the client's types know neither name. */
interface Delta {
  content?: string | null;
  reasoning_content?: string | null;
  reasoning?: string | null;
}

export interface OpenAiOptions {
  baseURL: string | undefined;
  apiKey: string | undefined;
  model: string | undefined;
}

/** Any server that speaks OpenAI's chat completions. */
export class OpenAiModel implements ChatModel {
  readonly name: string;
  readonly carriesTokens = false;
  private readonly client: OpenAI;

  constructor(options: OpenAiOptions) {
    this.name = options.model || 'gpt-4o-mini';
    // Local servers need no key, but the client insists on one.
    this.client = new OpenAI({ baseURL: options.baseURL || undefined, apiKey: options.apiKey || 'none' });
  }

  async *reply(conversation: readonly ChatMessage[], signal: AbortSignal): AsyncGenerator<ModelPiece> {
    const stream = await this.client.chat.completions.create(
      { model: this.name, messages: [...conversation], stream: true },
      { signal },
    );
    let finished = false;
    for await (const { choices } of stream) {
      if (choices[0] === undefined) continue;
      yield* piecesOf(choices[0].delta);
      finished ||= choices[0].finish_reason !== null;
    }
    // The client ends an aborted or cut stream as if it were whole.
    signal.throwIfAborted();
    if (!finished) throw new Error('The model server closed the stream before the reply was finished');
  }
}

function* piecesOf(delta: Delta): Generator<ModelPiece> {
  const reasoning = delta.reasoning_content ?? delta.reasoning;
  if (reasoning) yield { type: 'reasoning', text: reasoning };
  if (delta.content) yield { type: 'text', text: delta.content };
}
