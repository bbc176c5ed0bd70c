import type { LogEntry } from '../entry/log-entry.js';

/** What the user says: see `USER_CONTEXT` of segments. */
export const USER = 'of user';

/** Tells the texts of a session apart that its chunks make: by who speaks, and of tools by the call. */
export function voiceOf({ context, data }: LogEntry): string {
  const toolCallId = data?.['toolCallId'];
  if (typeof toolCallId === 'string') return `call ${toolCallId}`;
  return context === undefined ? '' : `of ${context}`;
}
