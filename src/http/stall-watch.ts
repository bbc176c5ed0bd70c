import type { ServerResponse } from 'node:http';

/** Parts of the time in which the socket is looked at. */
const SLICES = 10;

/**
 * Tells when a client has taken nothing for a time, at most a fifth later. Node's socket timeout knows which
 * bytes the kernel takes, but begins anew, without a word, when it took any since the write began, be it at
 * once: alone it may come at twice the time.
 */
export class StallWatch {
  private readonly slice: number;
  private since = performance.now();
  private armedAt = 0;

  constructor(
    private readonly response: ServerResponse,
    private readonly ms: number,
    private readonly onStalled: () => void,
  ) {
    this.slice = Math.ceil(ms / SLICES);
    response.on('timeout', this.look);
    this.arm();
  }

  stop(): void {
    this.response.setTimeout(0);
    this.response.off('timeout', this.look);
  }

  private arm(): void {
    this.armedAt = performance.now();
    this.response.setTimeout(this.slice);
  }

  private readonly look = (): void => {
    const now = performance.now();
    const hasBegunAnew = now - this.armedAt > 1.5 * this.slice;
    if (hasBegunAnew) this.since = now - this.slice;
    if (now - this.since >= this.ms) this.onStalled();
    else this.arm();
  };
}
