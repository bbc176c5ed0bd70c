/**
 * What went wrong, for machines to branch on:
 *
 * | code | when |
 * |---|---|
 * | `INVALID_ENTRY` | the input is not an object |
 * | `INVALID_SESSION_ID`, `INVALID_MESSAGE`, `INVALID_LOG_TYPE`, `INVALID_LEVEL`, `INVALID_CONTEXT`, `INVALID_DATA`, `INVALID_TIMESTAMP` | that field breaks its rule |
 * | `INVALID_POSITION` | `from` is neither `start`, `now` nor a position |
 * | `INVALID_READ_OPTION` | `timeout`, `idleTimeout`, `signal`, `onGap`, `limit` or `cursor` is wrong; `details.option` names it |
 * | `INVALID_END` | `endSession` was given an unknown reason |
 * | `INVALID_OPTIONS` | a module option is wrong; thrown at start |
 * | `QUEUE_FULL` | the central queue and its waiting room are full |
 * | `TOO_MANY_READERS` | `limits.readers` or `limits.readersPerSession` is reached |
 * | `STORE_UNAVAILABLE` | the store cannot be reached, or there is nothing to reach it with |
 * | `BROKEN_SESSION` | what the store holds of a session is not ours or damaged; `details.sessionId` names it |
 * | `ERASURE_FAILED` | a session could not be deleted everywhere; `details.files` may still hold lines of it |
 * | `NOTES_FULL` | too many idempotency keys are remembered already; `limits` of the store in use say how many |
 * | `CLOSED` | the application has shut down |
 * | `WRITE_FAILED` | a sink gave entries up; `details.written` of the batch are written all the same |
 * | `FLUSH_FAILED` | entries did not reach every sink; `details` has counts by sink |
 * | `SESSION_FAILED` | a reader with `throwOnError` reached an `error` end |
 * | `INVALID_SOURCE` | `capture` was given what cannot be read |
 * | `NOT_RECEIVED` | in a test, `collectSession` or an event stream was not given what it waited for; `details` has what came |
 */
export type SessionLoggerErrorCode =
  | 'INVALID_ENTRY'
  | 'INVALID_SESSION_ID'
  | 'INVALID_MESSAGE'
  | 'INVALID_LOG_TYPE'
  | 'INVALID_LEVEL'
  | 'INVALID_CONTEXT'
  | 'INVALID_DATA'
  | 'INVALID_TIMESTAMP'
  | 'INVALID_POSITION'
  | 'INVALID_READ_OPTION'
  | 'INVALID_END'
  | 'INVALID_OPTIONS'
  | 'QUEUE_FULL'
  | 'TOO_MANY_READERS'
  | 'STORE_UNAVAILABLE'
  | 'BROKEN_SESSION'
  | 'NOTES_FULL'
  | 'ERASURE_FAILED'
  | 'CLOSED'
  | 'WRITE_FAILED'
  | 'FLUSH_FAILED'
  | 'SESSION_FAILED'
  | 'INVALID_SOURCE'
  | 'NOT_RECEIVED';

/** The one error class of this package: branch on {@link SessionLoggerError.code}, never on the text. */
export class SessionLoggerError extends Error {
  override readonly name = 'SessionLoggerError';

  /**
   * @param code what went wrong, for machines
   * @param message what happened, what was expected and what to do, for people
   * @param options `cause`: the error underneath; `details`: figures that belong to the code
   */
  constructor(
    readonly code: SessionLoggerErrorCode,
    message: string,
    options: { cause?: unknown; details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.details = options.details;
  }

  /** Figures that belong to the code, such as counts by sink for `FLUSH_FAILED`. */
  readonly details: Readonly<Record<string, unknown>> | undefined;
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  try {
    const { message } = (error ?? {}) as { message?: unknown };
    if (error instanceof Error || typeof message === 'string') return String(message);
    // Those that come from a model may be plain objects, some without a message.
    return (isPlain(error) ? JSON.stringify(error) : undefined) ?? String(error);
  } catch {
    return 'something that has no text';
  }
}

function isPlain(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  return Array.isArray(error) || [Object.prototype, null].includes(Object.getPrototypeOf(error) as null);
}
