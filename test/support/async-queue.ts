/** Hands out, in order, what is pushed; who comes too early waits. */
export class AsyncQueue<T> {
  private readonly items: T[] = [];
  private closed = false;
  private wake = (): void => {};

  push(item: T): void {
    this.items.push(item);
    this.wake();
  }

  /** Nothing will be pushed any more. */
  close(): void {
    this.closed = true;
    this.wake();
  }

  /** The next item, or undefined once the queue is closed and empty. One caller at a time. */
  async next(): Promise<T | undefined> {
    while (this.items.length === 0 && !this.closed) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return this.items.shift();
  }
}
