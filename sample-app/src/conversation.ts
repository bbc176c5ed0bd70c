import { REASONING_START_TOKEN, SPECIAL_TOKENS, type LogEntry } from 'nestjs-session-logger';
import type { ChatMessage } from './model.js';

/** Marks the entries that hold what the user wrote. */
export const USER_CONTEXT = 'user';

/** How many messages a model is shown at most, so that a long chat does not grow without bound. */
const MAX_MESSAGES = 20;

/** Reads the conversation back from a session's entries: the session log is the chat's only memory. */
export function conversationOf(entries: readonly LogEntry[]): ChatMessage[] {
  const turns: { role: ChatMessage['role']; content: string }[] = [];
  let isReasoning = false;
  for (const entry of entries) {
    const { logType, context, message } = entry;
    if (logType !== 'chat') continue;
    const role = context === USER_CONTEXT ? 'user' : 'assistant';
    if (role === 'user' || turns.at(-1)?.role !== role) {
      turns.push({ role, content: '' });
      isReasoning = false;
    }
    if (role === 'assistant' && isToken(entry)) {
      isReasoning = message === REASONING_START_TOKEN;
    } else if (!isReasoning) turns.at(-1)!.content += message;
  }
  return turns.slice(-MAX_MESSAGES).map(({ role, content }) => ({
    role,
    content: role === 'user' ? content : content.trim(),
  }));
}

/** Tokens are chunks of their own; a chunk that only looks like one is marked. */
function isToken({ message, data }: LogEntry): boolean {
  return SPECIAL_TOKENS.includes(message) && data?.['literal'] !== true;
}
