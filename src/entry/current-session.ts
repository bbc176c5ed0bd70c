import { AsyncLocalStorage } from 'node:async_hooks';
import { checkSessionId } from './session-id.js';

const storage = new AsyncLocalStorage<string>();

/**
 * Calls `fn` within a session: in it, and in all that it begins, logging needs no session id.
 *
 * ```ts
 * await runInSession('chat-1', () => this.logs.logChunkToQueue('Hello'));
 * ```
 *
 * @returns what `fn` returns
 * @throws SessionLoggerError `INVALID_SESSION_ID`, and whatever `fn` throws
 */
export function runInSession<T>(sessionId: string, fn: () => T): T {
  checkSessionId(sessionId);
  return storage.run(sessionId, fn);
}

/** The session of {@link runInSession} around the caller, or undefined outside of one. */
export function currentSessionId(): string | undefined {
  return storage.getStore();
}
