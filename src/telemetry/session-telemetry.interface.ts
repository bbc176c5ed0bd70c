import type { SpanIds } from '../queue/intake.js';
import type { SessionLoggerStats } from '../session-logger.stats.js';

/** Port: who is told how the logger does, such as `openTelemetry()`. */
export interface SessionTelemetry {
  /**
   * Begins with the application.
   *
   * @param read gives the figures whenever they are asked for
   * @param logger the `name` of the logger, where it has one
   */
  start(read: () => SessionLoggerStats, logger?: string): void;
  /** The trace and span that the caller is in; asked for each entry of type `log`. */
  activeSpan(): SpanIds | undefined;
  /** A reader that follows live was given entries, of which the oldest was logged `seconds` ago. */
  delivered(seconds: number): void;
  /** Ends with the application, once all is written. Not called where {@link start} threw. */
  stop(): void;
}
