import { setTimeout as sleep } from 'node:timers/promises';
import { endChild, nextMessage, runChild, startChild } from './child.mjs';
import { hasRedis, NO_REDIS, withRedis } from './redis.mjs';
import { bound } from './report.mjs';

/**
 * `warmUp`: until the store has looked at its sessions once; `seconds`: twice the 15 s between looks, so that two
 * of them count.
 */
const JOB = { sessions: 10_000, warmUp: 16, seconds: 30, messages: ['first', 'second'] };
const FLAGS = ['--expose-gc'];

/** What one process costs that watches many sessions to which nothing is logged. */
export async function run(progress) {
  if (!hasRedis) return progress(NO_REDIS);
  const { heap, cpu, connections } = await withRedis(measure);
  const name = `${JOB.sessions.toLocaleString('en-US')} watched sessions`;
  progress(
    `${name}: ${connections} connections, ${cpu.toFixed(2)} % of a core, ${Math.round(heap)} bytes of heap each`,
  );
  return [
    bound({ case: `${name}, connections`, unit: 'connections', ours: connections, atMost: 2 }),
    bound({ case: `${name}, CPU`, unit: '% of a core', ours: cpu, below: 3 }),
    bound({ case: 'watched session, with its reader', unit: 'bytes', ours: heap }),
  ];
}

async function measure({ url, client }) {
  const job = { url, ...JOB };
  const readers = startChild('./redis-idle-readers.mjs', job, FLAGS);
  try {
    const { heap } = await nextMessage(readers);
    const idle = nextMessage(readers);
    const connections = await mostConnections(client, idle);
    const { cpu } = await idle;
    const checked = nextMessage(readers);
    await Promise.all([runChild('./redis-idle-writer.mjs', job), checked]);
    return { heap, cpu, connections };
  } finally {
    await endChild(readers);
  }
}

/** Connections to Redis but our own, the most seen until `end`. */
async function mostConnections(client, end) {
  const over = new AbortController();
  const stop = () => over.abort();
  end.then(stop, stop);
  let most = 0;
  while (!over.signal.aborted) {
    const list = String(await client.client('LIST')).trim();
    most = Math.max(most, list.split('\n').length - 1);
    await sleep(1000, undefined, over).catch(() => {});
  }
  return most;
}
