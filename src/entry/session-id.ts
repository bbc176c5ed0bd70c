import { invalidInput } from './invalid-input.js';

/** 1 to 128 characters that are safe in a URL path, a file line and an SSE field. */
export const SESSION_ID_PATTERN = /^(?!\.{1,2}$)[A-Za-z0-9._~:@-]{1,128}$/;

/** What a session id may be, in words for error messages. */
export const SESSION_ID_RULE = '1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ - and not "." or ".."';

/** Whether `value` can name a session. */
export function isSessionId(value: unknown): value is string {
  return typeof value === 'string' && SESSION_ID_PATTERN.test(value);
}

/** Throws `INVALID_SESSION_ID` unless `sessionId` can name a session. */
export function checkSessionId(sessionId: unknown): asserts sessionId is string {
  if (isSessionId(sessionId)) return;
  const around = sessionId === undefined ? ', or a call within runInSession()' : '';
  throw invalidInput('INVALID_SESSION_ID', 'sessionId', sessionId, SESSION_ID_RULE + around);
}
