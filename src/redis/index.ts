/**
 * Sessions in Redis, for several replicas.
 *
 * @module nestjs-session-logger/redis
 */

export { redisStore } from './redis-store.js';
export type { IoredisClient, RedisStoreOptions } from './redis-store-options.js';
