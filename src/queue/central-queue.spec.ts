import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import { SessionEnd } from '../entry/session-end.js';
import { CentralQueue, type CentralQueueBounds } from './central-queue.js';

const BOUNDS: CentralQueueBounds = {
  queueEntries: 3,
  queueBytes: 1_000_000,
  overflow: 'wait',
  waiting: 2,
  waitingBytes: 1_000_000,
};
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

  it('refuses by the bytes of those who wait too', () => {
    const queue = new CentralQueue({ ...BOUNDS, queueEntries: 1, waitingBytes: 1_000, waiting: 100 });
    for (let index = 0; index < 3; index++) void queue.push(entry('x'.repeat(200)));
    expect(() => queue.push(entry('x'))).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }) as Error);
  });

  it("drops the oldest with 'drop-oldest', counts and tells each, and never lets anybody wait", () => {
    let told = 0;
    const queue = new CentralQueue({ ...BOUNDS, overflow: 'drop-oldest' }, () => told++);
    for (const message of ['a', 'b', 'c', 'd', 'e']) expect(queue.push(entry(message))).toBeUndefined();
    expect([queue.dropped, told, queue.waiting]).toEqual([2, 2, 0]);
    const ticket = queue.lastTicket;
    expect(texts(queue.take(9))).toEqual(['c', 'd', 'e']);
    expect(queue.takenTickets).toBe(ticket);
  });

  it("refuses at once with 'reject'", () => {
    const queue = new CentralQueue({ ...BOUNDS, overflow: 'reject' });
    for (const message of ['a', 'b', 'c']) void queue.push(entry(message));
    expect(() => queue.push(entry('d'))).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }) as Error);
    expect(queue.waiting).toBe(0);
  });

  it("has ends wait also with 'reject', so that no reader waits for them in vain", async () => {
    const queue = new CentralQueue({ ...BOUNDS, overflow: 'reject' });
    for (const message of ['a', 'b', 'c']) void queue.push(entry(message));
    const end = new SessionEnd('p-2', 's', new Date().toISOString(), 'completed', undefined);
    const isIn = queue.push(end);
    void queue.push(end);
    expect(() => queue.push(end)).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }) as Error);
    expect(queue.take(3)).toHaveLength(3);
    await isIn;
    expect(queue.take(1)).toEqual([end]);
  });

  it('is full by bytes too', () => {
    const queue = new CentralQueue({ ...BOUNDS, queueEntries: 100, queueBytes: 1_000 });
    expect(queue.push(entry('x'.repeat(500)))).toBeUndefined();
    expect(queue.push(entry('y'))).toBeInstanceOf(Promise);
  });

  describe('given many at once', () => {
    const many = (...messages: string[]): LogEntry[] => messages.map(entry);

    it('takes them in order', () => {
      const queue = filled('a');
      expect(queue.pushAll(many('b', 'c'))).toBeUndefined();
      expect(texts(queue.take(9))).toEqual(['a', 'b', 'c']);
      expect(queue.pushAll([])).toBeUndefined();
    });

    it('has all of them wait that have no room, and tells when the last of them is in', async () => {
      const queue = filled('a', 'b');
      let isIn = false;
      const waiting = queue.pushAll(many('c', 'd'))?.then(() => (isIn = true));
      expect(texts(queue.take(1))).toEqual(['a']);
      await waiting;
      expect(isIn).toBe(true);
      expect(texts(queue.take(9))).toEqual(['b', 'c', 'd']);
    });

    it.each([
      ['records', { waiting: 1 }],
      ['bytes', { waitingBytes: 600 }],
      ['records, where nobody waits', { overflow: 'reject' as const }],
      ['bytes, where nobody waits', { overflow: 'reject' as const, queueEntries: 9, queueBytes: 900 }],
    ])('takes none where not all have room: %s', (_, bounds) => {
      const queue = new CentralQueue({ ...BOUNDS, ...bounds });
      void queue.push(entry('a'));
      void queue.push(entry('b'));
      expect(() => queue.pushAll(many('c', 'd', 'e'))).toThrow(
        expect.objectContaining({ code: 'QUEUE_FULL' }),
      );
      expect(texts(queue.takeAll())).toEqual(['a', 'b']);
    });

    it('drops the oldest where it is to', () => {
      const queue = new CentralQueue({ ...BOUNDS, overflow: 'drop-oldest' });
      expect(queue.pushAll(many('a', 'b', 'c', 'd'))).toBeUndefined();
      expect(texts(queue.takeAll())).toEqual(['b', 'c', 'd']);
      expect(queue.dropped).toBe(1);
    });
  });
});
