/** Sessions share a counter with few others. */
const COUNTERS = 4_096;

/**
 * Counts how often the log of a session was removed, in bounded memory: that of another one that shares its counter counts
 * too, whereupon a position before the first record, of which nothing was lost, is taken for one of a log that has gone.
 */
export class Generations {
  private readonly counts = new Uint32Array(COUNTERS);

  of(sessionId: string): number {
    return this.counts[counterOf(sessionId)]!;
  }

  next(sessionId: string): void {
    this.counts[counterOf(sessionId)]!++;
  }
}

/** FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
function counterOf(sessionId: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < sessionId.length; at++) hash = Math.imul(hash ^ sessionId.charCodeAt(at), 0x01000193);
  return (hash ^ (hash >>> 16)) & (COUNTERS - 1);
}
