import { LogLine, type LogEntry, type SessionRecord } from '../entry/log-entry.js';
import type { LineInput } from '../entry/accept-line.js';
import { CentralQueue } from './central-queue.js';
import { EndedSessions } from './ended-sessions.js';
import { Intake, type SpanIds } from './intake.js';

const SPAN = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

function setUp({ queueEntries = 100, span }: { queueEntries?: number; span?: SpanIds } = {}) {
  const bounds = { queueBytes: 1e6, waiting: 1, waitingBytes: 1e6 };
  const queue = new CentralQueue({ ...bounds, queueEntries, overflow: 'reject' });
  const refusals: unknown[] = [];
  const intake = new Intake(
    queue,
    new EndedSessions(2),
    1_000,
    (error) => refusals.push(error),
    () => span,
  );
  return { queue, intake, refusals, taken: (): SessionRecord[] => queue.takeAll() };
}

const line = (more: Partial<LineInput> = {}): LineInput => ({
  message: 'Slow model',
  level: 'warn',
  sessionId: 's',
  isShared: false,
  isStackShared: false,
  ...more,
});

describe('Intake', () => {
  describe('given entries together', () => {
    it('takes them in order', async () => {
      const { intake, taken } = setUp();
      await intake.entries(['a', 'b'].map((message) => ({ sessionId: 's', message })));
      expect(taken().map((record) => (record as LogEntry).message)).toEqual(['a', 'b']);
      expect(intake.accepted).toBe(2);
    });

    it('takes none where one is wrong', async () => {
      const { intake, taken } = setUp();
      const inputs = [
        { sessionId: 's', message: 'a' },
        { sessionId: '..', message: 'b' },
      ];
      await expect(intake.entries(inputs)).rejects.toMatchObject({ code: 'INVALID_SESSION_ID' });
      expect(taken()).toEqual([]);
      expect(intake.accepted).toBe(0);
    });

    it('takes none where there is no room for all', async () => {
      const { intake, taken } = setUp({ queueEntries: 1 });
      const inputs = ['a', 'b'].map((message) => ({ sessionId: 's', message }));
      await expect(intake.entries(inputs)).rejects.toMatchObject({ code: 'QUEUE_FULL' });
      expect(taken()).toEqual([]);
    });

    it('takes none after it was closed', async () => {
      const { intake } = setUp();
      intake.close(() => true);
      await expect(intake.entries([{ sessionId: 's', message: 'a' }])).rejects.toMatchObject({
        code: 'CLOSED',
      });
    });
  });

  describe('given lines', () => {
    it('makes entries of those that are for readers, and lines of the others', () => {
      const { intake, taken } = setUp();
      intake.line(line({ isShared: true, context: 'Agent', data: { ms: 9 } }));
      intake.line(line());
      const [shared, own] = taken();
      expect(shared).toMatchObject({
        sessionId: 's',
        logType: 'log',
        level: 'warn',
        context: 'Agent',
        data: { ms: 9 },
      });
      expect([shared instanceof LogLine, own instanceof LogLine]).toEqual([false, true]);
    });

    it('makes lines of those that belong to no session, with an empty id', () => {
      const { intake, taken } = setUp();
      intake.line(line({ isShared: true, sessionId: undefined }));
      const [own] = taken();
      expect(own).toBeInstanceOf(LogLine);
      expect(own).toMatchObject({ sessionId: '' });
    });

    it.each([false, true])('keeps the stack, in JSON only where readers may see it: %s', (isStackShared) => {
      const { intake, taken } = setUp();
      intake.line(line({ isShared: true, stack: 'Error: x\n    at y', isStackShared }));
      const [entry] = taken() as LogEntry[];
      expect(entry!.stack).toBe('Error: x\n    at y');
      expect(JSON.stringify(entry).includes('at y')).toBe(isStackShared);
    });

    it('cuts long ones', () => {
      const { intake, taken } = setUp();
      intake.line(line({ message: 'x'.repeat(2_000) }));
      expect(taken()[0]).toMatchObject({ message: 'x'.repeat(1_000), truncated: true, originalBytes: 2_000 });
    });

    it('counts and tells what it cannot take, and throws nothing', () => {
      const { intake, refusals } = setUp({ queueEntries: 1 });
      intake.line(line());
      intake.line(line());
      expect(intake.refused).toBe(1);
      expect(refusals).toEqual([expect.objectContaining({ code: 'QUEUE_FULL' })]);
    });
  });

  it('names the span around the caller in log entries and lines, not in chat', async () => {
    const { intake, taken } = setUp({ span: SPAN });
    await intake.entry({ sessionId: 's', message: 'a' });
    await intake.entry({ sessionId: 's', message: 'b', logType: 'log' });
    intake.line(line());
    const [chat, ...logs] = taken();
    expect(chat).not.toHaveProperty('traceId');
    for (const log of logs) expect(log).toMatchObject(SPAN);
  });
});
