import { spawnSync } from 'node:child_process';
import { Redis } from 'ioredis';
import { endChild, nextMessage, startChild } from './child.mjs';

/** Whether a server can be started here. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

/** What is missing where it cannot. */
export const NO_REDIS = 'is skipped: it needs redis-server (Debian: apt-get install redis-server)';

/**
 * Runs `work` with a Redis of its own, on a free port of 127.0.0.1, which ends with it.
 *
 * @template T
 * @param {(redis: { url: string, client: Redis }) => Promise<T>} work `client` is connected to it
 * @returns {Promise<T>}
 */
export async function withRedis(work) {
  const host = startChild('./redis-host.mjs', {});
  let client;
  try {
    const { url } = await nextMessage(host);
    client = new Redis(url);
    return await work({ url, client });
  } finally {
    client?.disconnect();
    await endChild(host);
  }
}
