import { setImmediate } from 'node:timers/promises';
import { onCleanUp } from './clean-up.js';

/** Turns the event loop until `condition` holds, or until the test that waits in vain is cleaned up. */
export async function until(condition: () => boolean): Promise<void> {
  const given = new AbortController();
  onCleanUp(() => given.abort());
  while (!condition()) {
    given.signal.throwIfAborted();
    await setImmediate();
  }
}

/** A promise and the function that resolves it. */
export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}
