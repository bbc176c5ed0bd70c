import { on } from 'node:events';
import { Redis } from 'ioredis';

/**
 * The least that two processes can do: `PUBLISH` and a subscription, and nothing is kept.
 *
 * @param {string} url
 * @returns {Promise<import('./peer.d.mts').Queue>}
 */
export async function openBarePublish(url) {
  const publisher = new Redis(url);
  const subscriber = new Redis(url);
  let readers = 0;
  return {
    log: async (message, sessionId) => void (await publisher.publish(sessionId, message)),
    async *read(sessionId) {
      const messages = on(subscriber, 'message');
      await subscriber.subscribe(sessionId);
      readers++;
      for await (const [, message] of messages) yield message;
    },
    readers: () => readers,
    close() {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}
