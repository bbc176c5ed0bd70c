import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import { SessionEnd } from '../entry/session-end.js';
import { Outlet, type OutletStats, type OutletTarget } from './outlet.js';
import { Router } from './router.js';

const BOUNDS = { sinkEntries: 10, sinkBytes: 1_000_000 };
const entry = (message: string): LogEntry => new LogEntry('p-1', 's', message);
const messages = (batch: readonly LogEntry[]): string[] => batch.map(({ message }) => message);

function setUp(
  sinks: readonly OutletTarget<LogEntry>[],
  { onLoss = (): unknown => undefined, append = (): void => {}, announce = (): void => {} } = {},
): Router {
  const store = new Outlet<SessionRecord>({ name: 'store', write: append }, BOUNDS, onLoss);
  return new Router(
    store,
    sinks.map((sink) => new Outlet(sink, BOUNDS, onLoss)),
    announce,
  );
}

const sum = ({ written, failed, dropped, pending }: OutletStats): number =>
  written + failed + dropped + pending;

describe('Router', () => {
  it('has taken a batch into all sinks before it is given to anybody, who may end the process', () => {
    const seen: string[] = [];
    const writeSync = (batch: readonly LogEntry[]): void => void seen.push(...messages(batch));
    const write = (): void => {
      throw new Error('broken');
    };
    let hasEnded = false;
    const end = (): void => {
      expect(hasEnded).toBe(false);
      hasEnded = true;
      expect(router.writeOut([entry('c')])).toMatchObject({ mine: { lost: 0, unknown: 0 } });
      expect(seen).toEqual(['a', 'b', 'c']);
    };
    const router = setUp(
      [
        { name: 'bad', write },
        { name: 'mine', write: () => {}, writeSync },
      ],
      {
        onLoss: () => hasEnded || end(),
      },
    );
    router.handOn([entry('a'), entry('b')]);
    expect(hasEnded).toBe(true);
  });

  it('counts each record once at any time, ends left out: in a store, a sink, a listener', () => {
    const sums: number[] = [];
    const look = (): void => {
      sums.push(...Object.values(router.stats().sinks).map(sum));
    };
    const sinks = ['one', 'two'].map((name) => ({ name, write: look }));
    const router = setUp(sinks, { append: look, announce: look });
    router.handOn([entry('a'), new SessionEnd('p-2', 's', '', 'completed', undefined), entry('b')]);
    expect(sums).toEqual(Array.from({ length: 8 }, () => 2));
  });

  it('counts a late record for all sinks once one has taken it, and for none where none has', () => {
    const writeSync = (batch: readonly LogEntry[]): void => {
      if (messages(batch).includes('refused')) throw new Error('full');
    };
    const router = setUp([
      { name: 'able', write: () => {}, writeSync },
      { name: 'unable', write: () => {} },
    ]);
    let taken = 0;
    const late = (message: string): boolean => router.writeLate(entry(message), () => taken++);
    expect([late('a'), late('refused'), late('b'), taken]).toEqual([true, false, true, 2]);
    expect(router.stats().sinks).toMatchObject({ able: { written: 2, failed: 0 }, unable: { failed: 2 } });
  });

  it('brings home what is queued while a sink closes that hangs', async () => {
    const seen: string[] = [];
    const hang = (): Promise<void> => new Promise(() => {});
    const writeSync = (batch: readonly LogEntry[]): void => void seen.push(...messages(batch));
    const router = setUp([{ name: 'hanging', write: hang, close: hang, writeSync }]);
    router.handOn([entry('a')]);
    const closed = router.close(1);
    router.writeLate(entry('b'), () => {});
    await expect(closed).rejects.toThrow('took longer than 1 ms');
    router.writeLate(entry('c'), () => {});
    expect(seen).toEqual(['b', 'c']);
    expect(router.stats().sinks['hanging']).toMatchObject({ written: 2, failed: 0, pending: 1 });
  });

  it('waits for what comes late while it settles', async () => {
    const writes: (() => void)[] = [];
    const router = setUp([
      { name: 'slow', write: () => new Promise<void>((resolve) => writes.push(resolve)) },
    ]);
    router.handOn([entry('a')]);
    const settled = router.settle(60_000);
    router.writeLate(entry('b'), () => {});
    while (router.stats().sinks['slow']!.pending > 0) {
      writes.shift()?.();
      await new Promise(setImmediate);
    }
    await settled;
    expect(router.stats().sinks['slow']).toMatchObject({ written: 2, pending: 0 });
  });
});
