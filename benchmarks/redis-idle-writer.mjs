/** Logs the messages to each session. */
import { redisStore } from 'nestjs-session-logger/redis';
import { endWithParent, job } from './child.mjs';
import { sessionIds } from './fixtures.mjs';
import { openOurQueue } from './peers/our-queue.mjs';

const { url, sessions, messages } = job();

endWithParent();
const ids = sessionIds(sessions);
const queue = await openOurQueue(ids, redisStore({ url }));
for (const message of messages) {
  for (const id of ids) await queue.log(`${message} ${id}`, id);
}
await queue.close();
process.send?.({ logged: true });
