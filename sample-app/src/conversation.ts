import {
  REASONING_START_TOKEN,
  REASONING_STOP_TOKEN,
  STREAM_END_TOKEN,
  STREAM_START_TOKEN,
  type LogEntry,
} from 'nestjs-session-logger';
import type { ChatMessage } from './model.js';

/** Marks the entries that hold what the user wrote. */
export const USER_CONTEXT = 'user';

/** How many messages a model is shown at most, so that a long chat does not grow without bound. */
const MAX_MESSAGES = 20;

const REASONING = new RegExp(`${REASONING_START_TOKEN}[^]*?(${REASONING_STOP_TOKEN}|$)`, 'g');

/** Reads the conversation back from a session's entries: the session log is the chat's only memory. */
export function conversationOf(entries: readonly LogEntry[]): ChatMessage[] {
  const turns: { role: ChatMessage['role']; content: string }[] = [];
  for (const { logType, context, message } of entries) {
    if (logType !== 'chat') continue;
    const role = context === USER_CONTEXT ? 'user' : 'assistant';
    const last = turns.at(-1);
    if (role === 'assistant' && last?.role === role) last.content += message;
    else turns.push({ role, content: message });
  }
  return turns.slice(-MAX_MESSAGES).map(({ role, content }) => ({
    role,
    content: role === 'user' ? content : answerOf(content),
  }));
}

/** A reply without its reasoning and its tokens. */
function answerOf(reply: string): string {
  return reply
    .replace(REASONING, '')
    .replaceAll(STREAM_START_TOKEN, '')
    .replaceAll(STREAM_END_TOKEN, '')
    .trim();
}
