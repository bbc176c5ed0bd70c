/** One caller that waits. */
interface Waiter {
  readonly enter: () => void;
  readonly leave: (reason: unknown) => void;
}

/** Callers take turns, first come first served. */
export class TurnQueue {
  private taken = false;
  private readonly waiting: Waiter[] = [];

  /** Resolves when it is the caller's turn; rejects with the signal's reason when that aborts first. */
  take(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    if (!this.taken) {
      this.taken = true;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => this.line(resolve, reject, signal));
  }

  /** Ends the turn of the caller that has it. */
  release(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.taken = false;
    else next.enter();
  }

  /** Sends all away who wait: their promises reject with `reason`. */
  dismiss(reason: Error): void {
    for (const waiter of this.waiting.splice(0)) waiter.leave(reason);
  }

  private line(resolve: () => void, reject: (reason: unknown) => void, signal?: AbortSignal): void {
    const onAbort = (): void => {
      this.waiting.splice(this.waiting.indexOf(waiter), 1);
      reject(signal?.reason);
    };
    const forget = (): void => signal?.removeEventListener('abort', onAbort);
    const waiter: Waiter = {
      enter: () => {
        forget();
        resolve();
      },
      leave: (reason) => {
        forget();
        reject(reason);
      },
    };
    this.waiting.push(waiter);
    signal?.addEventListener('abort', onAbort, { once: true });
  }
}
