import { setTimeout as delay } from 'node:timers/promises';
import { SessionLoggerError } from '../session-logger.errors.js';

/** Milliseconds of real time that is waited for, where nothing else is said: less than a test of Jest or Vitest may take. */
export const DEFAULT_TIMEOUT = 4_000;

/** As it is when this is loaded: a fake clock may replace it. */
const realDelay = delay;

/** Bounds a wait in real time, whatever the clock of the test says. */
export class Patience {
  private readonly waiting = new AbortController();
  private readonly lost = new AbortController();

  /** @param ms milliseconds; Infinity waits for ever */
  constructor(ms: number) {
    if (!(ms >= 0)) {
      throw new SessionLoggerError(
        'INVALID_READ_OPTION',
        `timeout is ${String(ms)}; expected milliseconds, or Infinity.`,
        {
          details: { option: 'timeout' },
        },
      );
    }
    if (ms === Infinity) return;
    realDelay(ms, undefined, { signal: this.waiting.signal }).then(
      () => this.lost.abort(),
      () => {},
    );
  }

  /** Aborted when it has come to an end. */
  get signal(): AbortSignal {
    return this.lost.signal;
  }

  /** No longer waits. */
  end(): void {
    this.waiting.abort();
  }
}

/** The error for what did not come. */
export function notReceived(
  message: string,
  details: Readonly<Record<string, unknown>>,
  cause?: unknown,
): SessionLoggerError {
  return new SessionLoggerError('NOT_RECEIVED', message, { details, cause });
}
