import type { LogEntry } from '../entry/log-entry.js';
import { USER_CONTEXT } from '../entry/user-context.js';

/** The voice of the user. */
export const USER = voiceIn(USER_CONTEXT);

/** Tells the texts of a session apart that its chunks make: by who speaks, and of tools by the call. */
export function voiceOf({ context, data }: LogEntry): string {
  const toolCallId = data?.['toolCallId'];
  if (typeof toolCallId === 'string') return `call ${toolCallId}`;
  return context === undefined ? '' : voiceIn(context);
}

function voiceIn(context: string): string {
  return `of ${context}`;
}
