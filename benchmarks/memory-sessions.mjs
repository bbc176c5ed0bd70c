/** Sessions without a server: what an empty one costs, or what a long row of ids leaves behind, in bytes. */
import { endWithParent, job } from './child.mjs';
import { sessionIds } from './fixtures.mjs';
import { openOurQueue } from './peers/our-queue.mjs';
import { settledMemory } from './settled-memory.mjs';

const { empty, seen } = job();

endWithParent();
process.send?.(empty === undefined ? await growthOverIds(seen) : await costOfEmptySession(empty));

/**
 * An empty session is there as long as somebody reads it. Its own cost is what the first reader of each adds,
 * less what a second one adds.
 */
async function costOfEmptySession(count) {
  const ids = sessionIds(count);
  const queue = await openOurQueue(ids);
  const readers = [];
  const openReaders = async () => {
    const before = await settledMemory();
    for (const id of ids) readers.push(queue.read(id));
    const after = await settledMemory();
    return (after.heap - before.heap) / count;
  };
  const withReader = await openReaders();
  const reader = await openReaders();
  await queue.close();
  return { withReader, session: withReader - reader };
}

/** One entry for each of `count` sessions, limits by default: the most that RSS ever grows. */
async function growthOverIds(count) {
  const queue = await openOurQueue([]);
  const { rss } = await settledMemory();
  let most = rss;
  for (let index = 1; index <= count; index++) {
    await queue.log('token', `session-${index}`);
    if (index % 10_000 === 0) most = Math.max(most, process.memoryUsage.rss());
  }
  await queue.close();
  return most - rss;
}
