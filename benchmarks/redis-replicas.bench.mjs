import { runChild } from './child.mjs';
import { hasRedis, NO_REDIS, withRedis } from './redis.mjs';
import { bound, compare, median } from './report.mjs';

const JOB = { sessions: 100, window: 256, seconds: 2 };
const ROUNDS = 2;

const RESUMABLE = 'resumable-stream';
const XADD = 'bare XADD';
const SCRIPTS = {
  ours: ['./redis-writer.mjs', 'redis-ours'],
  [RESUMABLE]: ['./redis-writer.mjs', 'redis-resumable-stream'],
  [XADD]: ['./redis-xadd.mjs', 'redis-xadd'],
};

/** Entries a second from one process over Redis and another one's endpoint to the clients of that. */
export async function run(progress) {
  if (!hasRedis) return progress(NO_REDIS);
  const name = `${JOB.sessions} sessions, a client each`;
  /** @type {Record<string, number[]>} */
  const rates = {};
  await withRedis(async ({ url, client }) => {
    const order = Array.from({ length: ROUNDS }, () => [RESUMABLE, XADD, 'ours', 'ours', XADD, RESUMABLE]);
    for (const who of order.flat()) {
      await client.flushall();
      const [script, peer] = SCRIPTS[who];
      const { perSecond } = await runChild(script, { peer, url, ...JOB });
      (rates[who] ??= []).push(perSecond);
      progress(`${name}, ${who}: ${Math.round(perSecond)} entries/s`);
    }
  });
  const ours = rates['ours'];
  const row = { case: name, unit: 'entries/s' };
  return [
    bound({ ...row, ours: median(ours), atLeast: 60_000 }),
    compare({ ...row, ours, peer: RESUMABLE, theirs: rates[RESUMABLE], atLeast: 2 }),
    compare({ ...row, ours, peer: XADD, theirs: rates[XADD], atLeast: 0.6 }),
  ];
}
