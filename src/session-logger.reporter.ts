import { Logger } from '@nestjs/common';
import { messageOf } from './session-logger.errors.js';

const QUIET_MS = 60_000;

/** Tells troubles through Nest's logger, each kind once a minute at the most. */
export class Reporter {
  private readonly logger = new Logger('SessionLogger');
  private readonly kinds = new Map<string, { since: number; untold: number }>();

  /**
   * @param kind what is told once a minute: one of a fixed set, as each is remembered
   * @param what what happened and what to do
   */
  warn(kind: string, what: string, error?: unknown): void {
    const now = Date.now();
    const last = this.kinds.get(kind);
    if (last !== undefined && now - last.since < QUIET_MS && now >= last.since) {
      last.untold++;
      return;
    }
    this.kinds.set(kind, { since: now, untold: 0 });
    const more =
      last !== undefined && last.untold > 0 ? ` (and ${last.untold} more of this kind before)` : '';
    this.logger.warn(`${what}${error === undefined ? '' : `: ${messageOf(error)}`}${more}`);
  }

  /** Tells what must be seen at start, each time. */
  error(what: string): void {
    this.logger.error(what);
  }
}
