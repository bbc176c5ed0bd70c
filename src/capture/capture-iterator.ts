import type { Capture } from './capture.js';

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Gives the parts of a source on, unchanged, while they are captured, as fast as they are asked for. */
export class CaptureIterator<T> implements AsyncIterableIterator<T, undefined> {
  private isLeft = false;
  /** Parts are read one after the other. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly capture: Capture<T>) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.isLeft) return Promise.resolve(DONE);
    const next = this.last.then(() => this.capture.next());
    this.last = next.catch(() => {});
    return next;
  }

  /** Who leaves does not stop the source: the session is given the rest all the same. */
  return(): Promise<IteratorResult<T, undefined>> {
    this.leave();
    return Promise.resolve(DONE);
  }

  throw(error: unknown): Promise<IteratorResult<T, undefined>> {
    this.leave();
    return Promise.reject(error);
  }

  private leave(): void {
    if (this.isLeft) return;
    this.isLeft = true;
    void this.last.then(() => this.capture.run());
  }
}
