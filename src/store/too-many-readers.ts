import { SessionLoggerError } from '../session-logger.errors.js';

/** The error for a reader beyond the bounds. */
export function tooManyReaders(limit: 'readers' | 'readersPerSession', count: number): SessionLoggerError {
  return new SessionLoggerError(
    'TOO_MANY_READERS',
    `There are ${count} readers already, the most that limits.${limit} allows. ` +
      'Close readers that are no longer wanted (break, return() or a signal), or raise the limit.',
    { details: { limit, count } },
  );
}
