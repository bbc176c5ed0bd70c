import type * as FakeTimers from '@sinonjs/fake-timers';
import { messageOf, SessionLoggerError } from '../session-logger.errors.js';

/** What a clock stands at to begin with. */
export interface FakeClockOptions {
  /** A Date, milliseconds since 1970, or what `new Date(…)` reads. Default: the time that it is. */
  now?: Date | number | string;
}

/** A clock that moves only when it is told to. */
export interface FakeClock {
  /** What it stands at. */
  readonly now: Date;
  /**
   * Moves on, and runs each timer that comes due at its time. What they set off, such as a promise that they resolve, goes
   * on between them.
   *
   * @param ms milliseconds, 0 or more
   */
  advance(ms: number): Promise<void>;
  /** Brings the real clock back; timers that are still set never run. Does nothing the second time. */
  restore(): void;
  /** The same as {@link FakeClock.restore}, for `using`. */
  [Symbol.dispose](): void;
}

/**
 * What the clock takes over. Not `setImmediate`, `nextTick` and the like: by them work that is not to wait goes on, the
 * logger's distribution included.
 */
const FAKED = ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] as const;

/**
 * Replaces the clock of the process, by `@sinonjs/fake-timers`: `Date`, `performance.now()`, `setTimeout`, `setInterval` and
 * what clears them. Timestamps, the time-outs of readers, how long sessions are kept, heartbeats, `expiresAt` and what
 * redaction holds back then go by it. Sockets and files are real, and take the time that they take.
 *
 * ```ts
 * const clock = await installFakeClock({ now: '2026-01-01T00:00:00Z' });
 * await clock.advance(60_000);
 * clock.restore();
 * ```
 *
 * Install it before the application is made, and restore it when that is closed.
 *
 * @throws SessionLoggerError (as a rejection) `INVALID_OPTIONS` where `@sinonjs/fake-timers` is not installed, `now` is no time, or the
 *   clock has been replaced already
 */
export async function installFakeClock({ now = Date.now() }: FakeClockOptions = {}): Promise<FakeClock> {
  const time = new Date(now);
  if (Number.isNaN(time.getTime())) {
    throw wrong(
      `installFakeClock: now is ${String(now)}, which is no time; expected a Date or '2026-01-01T00:00:00Z'.`,
    );
  }
  const clock = install(await loadFakeTimers(), time);
  let isRestored = false;
  const restore = (): void => {
    isRestored = true;
    clock.uninstall();
  };
  return {
    get now() {
      return new Date(clock.now);
    },
    async advance(ms) {
      if (!(ms >= 0)) throw wrong(`FakeClock.advance: ${String(ms)} is not 0 or more milliseconds.`);
      if (isRestored) throw wrong('FakeClock.advance: the clock was restored; install another one.');
      await clock.tickAsync(ms);
    },
    restore,
    [Symbol.dispose]: restore,
  };
}

function install(fakeTimers: typeof FakeTimers, now: Date): FakeTimers.Clock {
  try {
    return fakeTimers
      .withGlobal(globalThis)
      .install({ now, toFake: [...FAKED], shouldClearNativeTimers: true });
  } catch (cause) {
    throw wrong(
      `installFakeClock: the clock cannot be replaced: ${messageOf(cause).replace(/\.$/, '')}. Restore the one installed before, or turn off the ` +
        'fake timers of the test runner.',
      cause,
    );
  }
}

async function loadFakeTimers(): Promise<typeof FakeTimers> {
  try {
    const loaded: Partial<typeof FakeTimers> & { readonly default?: object } =
      await import('@sinonjs/fake-timers');
    // Not all loaders find the names that a CommonJS package exports.
    return (loaded.withGlobal === undefined ? loaded.default : loaded) as typeof FakeTimers;
  } catch (cause) {
    throw wrong(
      'installFakeClock() needs the package @sinonjs/fake-timers: npm install --save-dev @sinonjs/fake-timers',
      cause,
    );
  }
}

function wrong(message: string, cause?: unknown): SessionLoggerError {
  return new SessionLoggerError('INVALID_OPTIONS', message, { cause });
}
