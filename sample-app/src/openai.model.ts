import type { CaptureSource } from 'nestjs-session-logger';
import OpenAI from 'openai';
import type { ChatMessage, ChatModel } from './model.js';

export interface OpenAiOptions {
  baseURL: string | undefined;
  apiKey: string | undefined;
  model: string | undefined;
}

/** Any server that speaks OpenAI's chat completions. */
export class OpenAiModel implements ChatModel {
  readonly name: string;
  private readonly client: OpenAI;

  constructor(options: OpenAiOptions) {
    this.name = options.model || 'gpt-4o-mini';
    // Local servers need no key, but the client insists on one.
    this.client = new OpenAI({ baseURL: options.baseURL || undefined, apiKey: options.apiKey || 'none' });
  }

  reply(conversation: readonly ChatMessage[], signal: AbortSignal): CaptureSource<unknown> {
    return this.client.chat.completions.create(
      { model: this.name, messages: [...conversation], stream: true },
      { signal },
    );
  }
}
