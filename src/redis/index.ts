export { redisStore } from './redis-store.js';
export type { IoredisClient, RedisStoreOptions } from './redis-store-options.js';
