/** Opens a reply. */
export const STREAM_START_TOKEN = '<start>';
/** Closes a reply. */
export const STREAM_END_TOKEN = '</end>';
/** Opens a model's reasoning. */
export const REASONING_START_TOKEN = '<think>';
/** Closes a model's reasoning; `pop` stops at it. */
export const REASONING_STOP_TOKEN = '</think>';
/** Opens a tool call. */
export const TOOL_CALL_START_TOKEN = '<tool>';
/** Closes a tool call. */
export const TOOL_CALL_END_TOKEN = '</tool>';

/** All six tokens. */
export const SPECIAL_TOKENS: readonly string[] = [
  STREAM_START_TOKEN,
  STREAM_END_TOKEN,
  REASONING_START_TOKEN,
  REASONING_STOP_TOKEN,
  TOOL_CALL_START_TOKEN,
  TOOL_CALL_END_TOKEN,
];

/** The tokens after which the terminal starts a new line. */
export const SPECIAL_END_TOKENS: readonly string[] = [STREAM_END_TOKEN, REASONING_STOP_TOKEN];

/** The tokens in use. Each can be replaced by the module's `tokens` option. */
export interface SessionTokens {
  /** Opens a reply. Default `<start>`. */
  streamStart: string;
  /** Closes a reply. Default `</end>`. */
  streamEnd: string;
  /** Opens a model's reasoning. Default `<think>`. */
  reasoningStart: string;
  /** Closes a model's reasoning; `pop` stops at it. Default `</think>`. */
  reasoningStop: string;
  /** Opens a tool call. Default `<tool>`. */
  toolCallStart: string;
  /** Closes a tool call. Default `</tool>`. */
  toolCallEnd: string;
}

/** The tokens where the `tokens` option replaces none. */
export const DEFAULT_TOKENS: Readonly<SessionTokens> = {
  streamStart: STREAM_START_TOKEN,
  streamEnd: STREAM_END_TOKEN,
  reasoningStart: REASONING_START_TOKEN,
  reasoningStop: REASONING_STOP_TOKEN,
  toolCallStart: TOOL_CALL_START_TOKEN,
  toolCallEnd: TOOL_CALL_END_TOKEN,
};
