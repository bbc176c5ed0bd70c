import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import { CentralQueue } from './central-queue.js';
import { Distributor } from './distributor.js';

const entry = (message: string): LogEntry => new LogEntry('p-1', 's', message);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp(queueEntries = 10_000): {
  queue: CentralQueue;
  distributor: Distributor;
  batches: string[][];
} {
  const queue = new CentralQueue({
    queueEntries,
    queueBytes: 1e9,
    overflow: 'wait',
    waiting: 10_000,
    waitingBytes: 1e9,
  });
  const batches: string[][] = [];
  const handOn = (batch: readonly SessionRecord[]): void =>
    void batches.push(batch.map((record) => (record as LogEntry).message));
  return { queue, distributor: new Distributor(queue, handOn), batches };
}

describe('Distributor', () => {
  it('does nothing until somebody wants it', async () => {
    const { queue, batches } = setUp();
    void queue.push(entry('a'));
    await turn();
    expect(batches).toEqual([]);
  });

  it('hands on what was logged in one turn as one batch, in the next', async () => {
    const { queue, distributor, batches } = setUp();
    const running = distributor.run();
    void queue.push(entry('a'));
    void queue.push(entry('b'));
    await turn();
    void queue.push(entry('c'));
    await turn();
    expect(batches).toEqual([['a', 'b'], ['c']]);
    distributor.stop();
    await running;
  });

  it('lets the event loop turn between the batches of a large backlog', async () => {
    const { queue, distributor, batches } = setUp();
    for (let index = 0; index < 3000; index++) void queue.push(entry('x'));
    const running = distributor.run();
    await turn();
    expect(batches).toHaveLength(1);
    await distributor.drain();
    expect(batches.map((batch) => batch.length)).toEqual([1024, 1024, 952]);
    distributor.stop();
    await running;
  });

  it('joins a second endless run to the first, and stops both', async () => {
    const { queue, distributor, batches } = setUp();
    const first = distributor.run();
    expect(distributor.run()).toBe(first);
    distributor.stop();
    distributor.stop();
    await first;
    void queue.push(entry('a'));
    await turn();
    expect(batches).toEqual([]);
  });

  it('runs again after it was stopped', async () => {
    const { queue, distributor, batches } = setUp();
    void distributor.run();
    distributor.stop();
    const again = distributor.run();
    void queue.push(entry('a'));
    await turn();
    expect(batches).toEqual([['a']]);
    distributor.stop();
    await again;
  });

  it('drains what was pushed before the call, callers that wait for room included, and then rests', async () => {
    const { queue, distributor, batches } = setUp(2);
    for (const message of ['a', 'b', 'c', 'd', 'e']) void queue.push(entry(message));
    await distributor.drain();
    expect(batches.flat()).toEqual(['a', 'b', 'c', 'd', 'e']);
    void queue.push(entry('f'));
    await turn();
    expect(batches.flat()).toHaveLength(5);
  });

  it('drains at once when there is nothing', async () => {
    await expect(setUp().distributor.drain()).resolves.toBeUndefined();
  });

  it('has counted a batch before it is handed on, and counts what comes past it', async () => {
    const { queue } = setUp();
    const counts: number[] = [];
    const distributor = new Distributor(queue, () => void counts.push(distributor.count));
    for (const message of ['a', 'b']) void queue.push(entry(message));
    await distributor.drain();
    distributor.countLate();
    expect([counts, distributor.count]).toEqual([[2], 3]);
  });
});
