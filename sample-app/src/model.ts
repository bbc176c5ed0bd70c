/** Injection token of the model in use. */
export const ChatModel = Symbol('ChatModel');

/** One turn of a conversation, as models take it. */
export interface ChatMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

/** A piece of a reply, as small as the model sends it. */
export interface ModelPiece {
  readonly type: 'reasoning' | 'text';
  readonly text: string;
}

/** Port: whoever answers. */
export interface ChatModel {
  /** Shown in the log. */
  readonly name: string;
  /** What its users should know, where there is something. */
  readonly notice?: string;
  /** Whether the text of a reply already carries the stream tokens; where not, they are put around it. */
  readonly carriesTokens: boolean;
  /** Streams a reply. Throws where it fails, and when `signal` aborts. */
  reply(conversation: readonly ChatMessage[], signal: AbortSignal): AsyncIterable<ModelPiece>;
}
