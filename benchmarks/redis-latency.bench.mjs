import { runChild } from './child.mjs';
import { hasRedis, NO_REDIS, withRedis } from './redis.mjs';
import { bound, compare, median, percentile } from './report.mjs';

const JOB = { perSecond: 1000, seconds: 4 };
const ROUNDS = 2;
const MEMORY = 'memory store';
/** Not to be beaten: tells how quiet the machine is, too. */
const BARE = 'bare PUBLISH';

/** Milliseconds from the call that logs to the reader in another process, and how much of it is Redis' doing. */
export async function run(progress) {
  if (!hasRedis) return progress(NO_REDIS);
  /** @type {Record<string, number[][]>} */
  const found = { ours: [], [MEMORY]: [], [BARE]: [] };
  await withRedis(async ({ url, client }) => {
    const order = Array.from({ length: ROUNDS }, () => [MEMORY, BARE, 'ours', 'ours', BARE, MEMORY]);
    for (const peer of order.flat()) {
      await client.flushall();
      const { latencies } = await runChild('./redis-latency-writer.mjs', { peer, url, ...JOB });
      found[peer].push(latencies);
      const [p50, p99] = [50, 99].map((share) => percentile(latencies, share).toFixed(3));
      progress(`${peer}: p50 ${p50} ms, p99 ${p99} ms`);
    }
  });
  return [...rows(found, 50, 1), ...rows(found, 99, 5)];
}

function rows(found, share, below) {
  const figures = (runs) => runs.map((latencies) => percentile(latencies, share));
  const name = `${JOB.perSecond} entries/s, p${share}`;
  const ours = figures(found.ours);
  const row = (peer) => compare({ case: name, unit: 'ms', ours, peer, theirs: figures(found[peer]) });
  return [
    row(BARE),
    row(MEMORY),
    bound({
      case: `${name}, added over memory`,
      unit: 'ms',
      ours: median(ours) - median(figures(found[MEMORY])),
      below,
    }),
  ];
}
