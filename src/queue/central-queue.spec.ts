import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import { CentralQueue } from './central-queue.js';

const BOUNDS = { queueEntries: 3, queueBytes: 1_000_000, waiting: 2 };
const entry = (message: string): LogEntry => new LogEntry('p-1', 's', message);
const texts = (records: SessionRecord[]): string[] => records.map((record) => (record as LogEntry).message);

function filled(...messages: string[]): CentralQueue {
  const queue = new CentralQueue(BOUNDS);
  for (const message of messages) void queue.push(entry(message));
  return queue;
}

describe('CentralQueue', () => {
  it('gives records back in order and at once while there is room', () => {
    const queue = new CentralQueue(BOUNDS);
    expect(queue.push(entry('a'))).toBeUndefined();
    expect(queue.push(entry('b'))).toBeUndefined();
    expect(texts(queue.take(1))).toEqual(['a']);
    expect(texts(queue.take(9))).toEqual(['b']);
    expect(queue.take(9)).toEqual([]);
    expect(queue.bytes).toBe(0);
  });

  it('makes callers wait when it is full, and lets them in, in order', async () => {
    const queue = filled('a', 'b', 'c');
    const admitted: string[] = [];
    const waits = ['d', 'e'].map((message) => queue.push(entry(message))?.then(() => admitted.push(message)));
    expect(queue.waiting).toBe(2);
    expect(texts(queue.peek())).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(texts(queue.take(1))).toEqual(['a']);
    await waits[0];
    expect(admitted).toEqual(['d']);
    expect(texts(queue.take(9))).toEqual(['b', 'c', 'd']);
    await waits[1];
    expect(texts(queue.take(9))).toEqual(['e']);
  });

  it('does not let a newcomer overtake those who wait', () => {
    const queue = filled('a', 'b', 'c', 'd');
    queue.take(3);
    void queue.push(entry('e'));
    expect(texts(queue.take(9))).toEqual(['d', 'e']);
  });

  it('refuses with QUEUE_FULL, saying what to do, when too many wait', () => {
    const queue = filled('a', 'b', 'c', 'd', 'e');
    expect(() => queue.push(entry('f'))).toThrow(
      expect.objectContaining({
        code: 'QUEUE_FULL',
        message: expect.stringContaining('limits.queueEntries'),
      }) as Error,
    );
    expect(texts(queue.peek())).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('is full by bytes too', () => {
    const queue = new CentralQueue({ queueEntries: 100, queueBytes: 1_000, waiting: 1 });
    expect(queue.push(entry('x'.repeat(500)))).toBeUndefined();
    expect(queue.push(entry('y'))).toBeInstanceOf(Promise);
  });
});
