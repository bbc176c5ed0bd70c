import type { Output } from './output.js';

/** What a command is run with. */
export interface Context {
  readonly output: Output;
  /** For what is no output, such as that the connection was lost. */
  readonly notes: Output;
  /** Interrupts it. */
  readonly signal: AbortSignal;
}
