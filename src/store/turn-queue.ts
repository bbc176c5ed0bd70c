/** Callers take turns, first come first served. */
export class TurnQueue {
  private taken = false;
  private readonly next: (() => void)[] = [];

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
    const next = this.next.shift();
    if (next === undefined) this.taken = false;
    else next();
  }

  private line(resolve: () => void, reject: (reason: unknown) => void, signal?: AbortSignal): void {
    const leave = (): void => {
      this.next.splice(this.next.indexOf(enter), 1);
      reject(signal?.reason);
    };
    const enter = (): void => {
      signal?.removeEventListener('abort', leave);
      resolve();
    };
    this.next.push(enter);
    signal?.addEventListener('abort', leave, { once: true });
  }
}
