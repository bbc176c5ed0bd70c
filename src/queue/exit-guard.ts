import { writeSync } from 'node:fs';
import type { CentralQueue } from './central-queue.js';
import type { Router } from './router.js';

const STDERR = 2;

/** Writes what a process that ends without closing the application would take with it, and says what it could not. */
export class ExitGuard {
  private isClosed = false;

  /** @param release puts in what is held back before the queue */
  constructor(
    private readonly queue: CentralQueue,
    private readonly router: Router,
    private readonly release: () => void = () => {},
  ) {}

  /** From now on the end of the process is heeded: `process.exit()`, an uncaught exception, nothing left to do. */
  arm(): void {
    this.disarm();
    if (!this.isClosed) process.on('exit', this.onExit);
  }

  disarm(): void {
    process.off('exit', this.onExit);
  }

  /** {@link disarm} for good: what is logged from now on is written at once. */
  close(): void {
    this.isClosed = true;
    this.disarm();
  }

  private readonly onExit = (): void => {
    this.release();
    const losses = this.router.writeOut(this.queue.takeAll());
    const told = Object.entries(losses)
      .filter(([, { lost, unknown }]) => lost + unknown > 0)
      .map(
        ([sink, { lost, unknown }]) => `${sink}: ${lost} entries lost, ${unknown} not known to be written`,
      );
    if (told.length > 0) tell(told.join('; '));
    this.router.tellLosses();
  };
}

function tell(losses: string): void {
  const remedy = 'Close the application before the process ends: app.close() or app.enableShutdownHooks().';
  try {
    writeSync(STDERR, `[SessionLogger] The process ended before all was written. ${losses}. ${remedy}\n`);
  } catch {
    // Nobody listens any more.
  }
}
