import { redisStore } from 'nestjs-session-logger/redis';
import { openBarePublish } from './bare-publish.mjs';
import { openOurQueue } from './our-queue.mjs';

/**
 * One end of what goes from one process to another over Redis.
 *
 * @param {string} peer
 * @param {string} url
 */
export function openEnd(peer, url) {
  if (peer === 'ours') return openOurQueue([], redisStore({ url }));
  if (peer === 'bare PUBLISH') return openBarePublish(url);
  throw new Error(`no such peer: ${peer}`);
}
