import type { SessionLog } from './session-log.js';

/** The session logs without readers, the longest idle first: a linked list, so that each step is O(1). */
export class IdleSessions {
  oldest: SessionLog | undefined;
  private newest: SessionLog | undefined;

  /** Puts `log` behind all others: it was used just now. */
  touch(log: SessionLog): void {
    if (this.newest === log) return;
    this.remove(log);
    log.older = this.newest;
    if (this.newest === undefined) this.oldest = log;
    else this.newest.newer = log;
    this.newest = log;
  }

  /** Takes `log` out, where it is in. */
  remove(log: SessionLog): void {
    if (log.older !== undefined) log.older.newer = log.newer;
    else if (this.oldest === log) this.oldest = log.newer;
    if (log.newer !== undefined) log.newer.older = log.older;
    else if (this.newest === log) this.newest = log.older;
    log.older = undefined;
    log.newer = undefined;
  }
}
