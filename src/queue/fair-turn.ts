const MAX_CALLS = 1024;
const MAX_MS = 5;
const NOW: Promise<void> = Promise.resolve();

/**
 * Keeps a loop of awaited calls from starving timers and I/O: resolved promises alone never let the event
 * loop turn. After 1,024 calls or 5 ms without a turn, the next promise resolves after one.
 */
export class FairTurn {
  private calls = 0;
  private since = 0;
  private turn: Promise<void> | undefined;

  /** @param now milliseconds, as `Date.now()` gives them */
  next(now: number): Promise<void> {
    this.turn ??= this.begin(now);
    this.calls++;
    return this.calls >= MAX_CALLS || now - this.since >= MAX_MS ? this.turn : NOW;
  }

  private begin(now: number): Promise<void> {
    this.calls = 0;
    this.since = now;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.turn = undefined;
        resolve();
      });
    });
  }
}
