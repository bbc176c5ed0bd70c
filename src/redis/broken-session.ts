import { messageOf, SessionLoggerError } from '../session-logger.errors.js';

/** The error for a session whose keys hold what is not ours. */
export function brokenSession(sessionId: string, cause: unknown): SessionLoggerError {
  return new SessionLoggerError(
    'BROKEN_SESSION',
    `What Redis holds of session ${sessionId} cannot be read: ${messageOf(cause)}. ` +
      'Something else has written to its keys; delete them, and the session begins anew.',
    { cause, details: { sessionId } },
  );
}
