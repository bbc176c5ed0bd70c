import { deferred } from './turns.js';

/** An `authorize` that decides when the test says so. */
export interface HeldVerdict {
  authorize: () => Promise<boolean>;
  /** Resolves once it is asked. */
  asked: Promise<void>;
  give: (verdict: boolean) => void;
}

/** Makes one. */
export function heldVerdict(): HeldVerdict {
  const verdict = deferred<boolean>();
  const asked = deferred<void>();
  return {
    authorize: () => {
      asked.resolve();
      return verdict.promise;
    },
    asked: asked.promise,
    give: verdict.resolve,
  };
}
