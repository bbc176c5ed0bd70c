import { Logger } from '@nestjs/common';
import { messageOf } from './session-logger.errors.js';

/** Context of what this package logs itself; of a logger with a name, that follows behind a colon. */
const OWN_CONTEXT = 'SessionLogger';

const QUIET_MS = 60_000;

/** Whether a line is what this package says of itself. */
export function isOwnContext(context: string | undefined): boolean {
  return context === OWN_CONTEXT || context?.startsWith(`${OWN_CONTEXT}:`) === true;
}

/** Tells troubles through Nest's logger, each kind once a minute at the most. */
export class Reporter {
  private readonly logger: Logger;
  private readonly kinds = new Map<string, { count: number; since: number; untold: number }>();

  /** @param name of the logger that reports */
  constructor(name?: string) {
    this.logger = new Logger(name === undefined ? OWN_CONTEXT : `${OWN_CONTEXT}:${name}`);
  }

  /** How often each kind of trouble was met. */
  counts(): Record<string, number> {
    return Object.fromEntries([...this.kinds].map(([kind, { count }]) => [kind, count]));
  }

  /**
   * @param kind what is told once a minute: one of a fixed set, as each is remembered
   * @param what what happened and what to do
   */
  warn(kind: string, what: string, error?: unknown): void {
    const now = Date.now();
    const last = this.kinds.get(kind);
    const count = (last?.count ?? 0) + 1;
    if (last !== undefined && now - last.since < QUIET_MS && now >= last.since) {
      this.kinds.set(kind, { count, since: last.since, untold: last.untold + 1 });
      return;
    }
    this.kinds.set(kind, { count, since: now, untold: 0 });
    const more =
      last !== undefined && last.untold > 0 ? ` (and ${last.untold} more of this kind before)` : '';
    this.tell('warn', `${what}${error === undefined ? '' : `: ${messageOf(error)}`}${more}`);
  }

  /** Tells what must be seen, each time. */
  error(what: string): void {
    this.tell('error', what);
  }

  /** A logger of the application's that throws is counted, as there is nobody left to tell. */
  private tell(level: 'warn' | 'error', what: string): void {
    try {
      this.logger[level](what);
    } catch {
      const { count = 0, since = 0, untold = 0 } = this.kinds.get('logger') ?? {};
      this.kinds.set('logger', { count: count + 1, since, untold });
    }
  }
}
