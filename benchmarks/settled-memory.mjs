import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Memory that is in use after garbage collection (needs `--expose-gc`), in bytes.
 *
 * @returns {Promise<{ heap: number, rss: number }>} heap: what JavaScript holds, buffers included
 */
export async function settledMemory() {
  for (let times = 0; times < 4; times++) {
    await sleep(100);
    globalThis.gc?.();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}
