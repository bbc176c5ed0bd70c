import type { Cluster, Redis, RedisOptions } from 'ioredis';
import { SessionLoggerError } from '../session-logger.errors.js';
import type { IoredisClient, ResolvedRedisOptions } from './redis-store-options.js';

/** A client of ioredis. */
export type RedisClient = Redis | Cluster;

/** The two connections of a process: one for commands, one for messages. */
export interface RedisConnections {
  readonly commands: RedisClient;
  readonly messages: RedisClient;
}

/**
 * Nothing is sent again behind our back, and nothing waits for a connection: what is not answered is tried again
 * by those who know whether it still matters.
 */
const NO_SURPRISES: RedisOptions = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  keyPrefix: '',
  // Two seconds by default, for which a connection that is gone already would keep the process alive.
  disconnectTimeout: 100,
};

/**
 * Makes the connections without connecting them.
 *
 * @throws SessionLoggerError `INVALID_OPTIONS` where ioredis is not installed
 */
export async function createConnections(options: ResolvedRedisOptions): Promise<RedisConnections> {
  const { connectTimeout, socketTimeout, client } = options;
  const own = { ...NO_SURPRISES, connectTimeout, socketTimeout };
  if (client !== undefined)
    return { commands: duplicate(client, own), messages: duplicate(client, own, true) };
  const { Redis } = await loadIoredis();
  return { commands: new Redis(options.url!, own), messages: new Redis(options.url!, own) };
}

/** Whether a client speaks to a Cluster. */
export function isCluster(client: { readonly isCluster: boolean }): client is Cluster {
  return client.isCluster;
}

/** @param shardedSubscribers whether it is for messages: a connection to each node of a Cluster */
function duplicate(client: IoredisClient, own: RedisOptions, shardedSubscribers = false): RedisClient {
  if (!isCluster(client)) return (client as Redis).duplicate(own);
  const { lazyConnect, enableOfflineQueue, keyPrefix, ...rest } = own;
  const redisOptions = { ...client.options.redisOptions, ...rest };
  const options = { ...client.options, lazyConnect, enableOfflineQueue, keyPrefix, shardedSubscribers };
  return client.duplicate([], { ...options, redisOptions });
}

async function loadIoredis(): Promise<{ Redis: typeof Redis }> {
  try {
    return await import('ioredis');
  } catch (cause) {
    throw new SessionLoggerError(
      'INVALID_OPTIONS',
      'redisStore() needs the package ioredis, which cannot be loaded. Install it: npm install ioredis.',
      { cause },
    );
  }
}
