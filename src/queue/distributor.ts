import { AsyncResource } from 'node:async_hooks';
import type { SessionRecord } from '../entry/log-entry.js';
import type { CentralQueue } from './central-queue.js';

/** Records moved in one turn of the event loop; sockets and timers are served between two turns. */
const BATCH = 1024;

/** Drains the central queue in batches, one a turn of the event loop, while anybody wants it drained. */
export class Distributor {
  private distributed = 0;
  private drivers = 0;
  private scheduled: NodeJS.Immediate | undefined;
  private endless: Promise<void> | undefined;
  private stopEndless: () => void = () => {};
  private readonly finite: { ticket: number; resolve: () => void }[] = [];

  /**
   * @param queue what is drained
   * @param handOn is given each batch once, in order; must not throw
   * @param release puts in what is held back before the queue
   */
  constructor(
    private readonly queue: CentralQueue,
    private readonly handOn: (batch: readonly SessionRecord[]) => void,
    private readonly release: () => void = () => {},
  ) {
    queue.onPush = () => this.schedule();
  }

  /** How many records were handed on, by it or past it. */
  get count(): number {
    return this.distributed;
  }

  /** Counts a record that was handed on past it, as it came late. */
  readonly countLate = (): void => {
    this.distributed++;
  };

  /** Distributes until {@link stop}; a second call joins the first. */
  run(): Promise<void> {
    this.endless ??= new Promise((resolve) => {
      const release = this.drive();
      this.stopEndless = () => {
        release();
        resolve();
      };
    });
    return this.endless;
  }

  /** Ends the endless distribution; what lies in the queue stays there. */
  stop(): void {
    this.stopEndless();
    this.stopEndless = () => {};
    this.endless = undefined;
  }

  /** Distributes all that was pushed before the call, and unless told otherwise what is held back before the queue. */
  async drain({ held = true }: { held?: boolean } = {}): Promise<void> {
    if (held) this.release();
    const ticket = this.queue.lastTicket;
    if (this.queue.takenTickets >= ticket) return;
    const stop = this.drive();
    await new Promise<void>((resolve) => this.finite.push({ ticket, resolve }));
    stop();
  }

  /** Keeps the queue drained until the returned function is called. */
  drive(): () => void {
    this.drivers++;
    this.schedule();
    return () => {
      this.drivers--;
    };
  }

  private schedule(): void {
    if (this.drivers === 0 || this.scheduled !== undefined || this.queue.length === 0) return;
    this.scheduled = setImmediate(this.turn);
  }

  /** In no caller's session and span: what one of them logged goes to sinks and listeners together with others'. */
  private readonly turn = AsyncResource.bind((): void => {
    this.scheduled = undefined;
    if (this.drivers === 0) return;
    const batch = this.queue.take(BATCH);
    this.distributed += batch.length;
    if (batch.length > 0) this.handOn(batch);
    while (this.finite[0] !== undefined && this.finite[0].ticket <= this.queue.takenTickets) {
      this.finite.shift()!.resolve();
    }
    this.schedule();
  });
}
