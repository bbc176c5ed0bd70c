import type { CaptureSource } from 'nestjs-session-logger';

/** Injection token of the model in use. */
export const ChatModel = Symbol('ChatModel');

/** One turn of a conversation, as models take it. */
export interface ChatMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

/** Port: whoever answers. */
export interface ChatModel {
  /** Shown in the log. */
  readonly name: string;
  /** What its users should know, where there is something. */
  readonly notice?: string;
  /** Begins a reply, which streams what `capture` reads, and stops when `signal` aborts. */
  reply(conversation: readonly ChatMessage[], signal: AbortSignal): CaptureSource<unknown>;
}
