import { LogEntry } from '../entry/log-entry.js';
import { messageOf, SessionLoggerError } from '../session-logger.errors.js';
import { Outlet, type OutletTarget } from './outlet.js';

const BOUNDS = { sinkEntries: 3, sinkBytes: 1_000_000 };
const entries = (...messages: string[]): LogEntry[] =>
  messages.map((message) => new LogEntry('p-1', 's', message));

/** A target whose every write is settled by hand. */
class Manual implements OutletTarget<LogEntry> {
  readonly name = 'manual';
  readonly batches: string[][] = [];
  private readonly open: { resolve: () => void; reject: (error: Error) => void }[] = [];

  write(batch: readonly LogEntry[]): Promise<void> {
    this.batches.push(batch.map((one) => one.message));
    return new Promise((resolve, reject) => this.open.push({ resolve, reject }));
  }

  succeed(): void {
    this.open.shift()?.resolve();
  }

  fail(error: Error): void {
    this.open.shift()?.reject(error);
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const noLoss = (): void => expect('a loss').toBe('none');

describe('Outlet', () => {
  it('hands a batch on at once when the target is free', () => {
    const seen: string[] = [];
    const write = (batch: readonly LogEntry[]): void => void seen.push(...batch.map((one) => one.message));
    const outlet = new Outlet({ name: 'sync', write }, BOUNDS, noLoss);
    outlet.offer(entries('a', 'b'));
    outlet.offer(entries('c'));
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(outlet.stats()).toEqual({ written: 3, failed: 0, dropped: 0, pending: 0, healthy: true });
  });

  it('hands on one batch at a time, and what came meanwhile in one piece', async () => {
    const target = new Manual();
    const outlet = new Outlet(target, BOUNDS, noLoss);
    for (const message of ['a', 'b', 'c']) outlet.offer(entries(message));
    expect(target.batches).toEqual([['a']]);
    target.succeed();
    await turn();
    expect(target.batches).toEqual([['a'], ['b', 'c']]);
    target.succeed();
    await outlet.settled();
    expect(outlet.stats()).toEqual({ written: 3, failed: 0, dropped: 0, pending: 0, healthy: true });
  });

  it('drops the oldest that wait for a target that hangs, counts and tells them', async () => {
    const target = new Manual();
    const losses: number[] = [];
    const outlet = new Outlet(target, BOUNDS, (_, lost) => losses.push(lost));
    for (const message of ['a', 'b', 'c', 'd', 'e', 'f']) outlet.offer(entries(message));
    expect(outlet.stats()).toEqual({ written: 0, failed: 0, dropped: 2, pending: 4, healthy: false });
    expect(losses).toEqual([1, 1]);
    target.succeed();
    await turn();
    expect(target.batches).toEqual([['a'], ['d', 'e', 'f']]);
  });

  it('bounds what waits by bytes too', () => {
    const outlet = new Outlet(new Manual(), { sinkEntries: 100, sinkBytes: 1_000 }, () => {});
    for (let index = 0; index < 10; index++) outlet.offer(entries('x'.repeat(200)));
    expect(outlet.stats()).toMatchObject({ dropped: 8, pending: 2 });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
  ])('counts and tells what a target that %s has lost, and goes on', async (_, misbehave) => {
    let isBroken = true;
    const losses: unknown[] = [];
    const write = (): void | Promise<void> => (isBroken ? misbehave() : undefined);
    const outlet = new Outlet({ name: 'broken', write }, BOUNDS, (...loss) => losses.push(loss));
    outlet.offer(entries('a', 'b'));
    await outlet.settled();
    isBroken = false;
    await turn();
    outlet.offer(entries('c'));
    expect(outlet.stats()).toEqual({ written: 1, failed: 2, dropped: 0, pending: 0, healthy: true });
    expect(losses).toEqual([['broken', 2, expect.objectContaining({ message: 'broken' })]]);
  });

  it('settles for what was offered before, not for what comes later', async () => {
    const target = new Manual();
    const outlet = new Outlet(target, BOUNDS, noLoss);
    outlet.offer(entries('a'));
    const settled = outlet.settled();
    outlet.offer(entries('b'));
    target.succeed();
    await settled;
    expect(outlet.stats()).toMatchObject({ written: 1, pending: 1 });
  });

  it('is not settled by drops of later records while an earlier one is in hand', async () => {
    const target = new Manual();
    const outlet = new Outlet(target, BOUNDS, () => {});
    outlet.offer(entries('a'));
    let isSettled = false;
    const settled = outlet.settled().then(() => (isSettled = true));
    for (let index = 0; index < 10; index++) outlet.offer(entries('later'));
    await turn();
    expect(isSettled).toBe(false);
    target.succeed();
    await settled;
  });

  it('tells the target before its next batch how many were dropped', async () => {
    const target = Object.assign(new Manual(), { dropped: (count: number) => void told.push(count) });
    const told: number[] = [];
    const outlet = new Outlet(target, BOUNDS, () => {});
    for (const message of ['a', 'b', 'c', 'd', 'e', 'f']) outlet.offer(entries(message));
    expect(told).toEqual([]);
    target.succeed();
    await turn();
    expect(told).toEqual([2]);
    target.succeed();
    await turn();
    outlet.offer(entries('g'));
    expect(told).toEqual([2]);
  });

  it('counts what a target has written of a batch that it gave up', async () => {
    const target = new Manual();
    const losses: number[] = [];
    const outlet = new Outlet(target, BOUNDS, (_, lost) => losses.push(lost));
    outlet.offer(entries('a', 'b', 'c'));
    target.fail(new SessionLoggerError('WRITE_FAILED', 'full', { details: { written: 2 } }));
    await outlet.settled();
    expect(outlet.stats()).toMatchObject({ written: 2, failed: 1, pending: 0 });
    expect(losses).toEqual([1]);
  });

  it('hands a batch on though the target throws when it is told of drops', async () => {
    const dropped = (): void => {
      throw new Error('broken');
    };
    const target = Object.assign(new Manual(), { dropped });
    const outlet = new Outlet(target, BOUNDS, () => {});
    for (const message of ['a', 'b', 'c', 'd', 'e']) outlet.offer(entries(message));
    target.succeed();
    await turn();
    expect(target.batches).toEqual([['a'], ['c', 'd', 'e']]);
  });

  describe('writeOut', () => {
    it('has the target write what waits, and more, before it returns; what is in hand is not known', () => {
      const seen: string[] = [];
      const writeSync = (batch: readonly LogEntry[]): void =>
        void seen.push(...batch.map((one) => one.message));
      const outlet = new Outlet(Object.assign(new Manual(), { writeSync }), BOUNDS, noLoss);
      for (const message of ['a', 'b', 'c']) outlet.offer(entries(message));
      expect(outlet.writeOut(entries('d'))).toEqual({ lost: 0, unknown: 1 });
      expect(seen).toEqual(['b', 'c', 'd']);
      expect(outlet.stats()).toMatchObject({ written: 3, failed: 0, pending: 1 });
    });

    it.each([
      ['cannot do that', {}],
      [
        'fails',
        {
          writeSync: (): void => {
            throw new Error('full');
          },
        },
      ],
    ])('counts as lost what a target has that %s', (_, more) => {
      const losses: number[] = [];
      const outlet = new Outlet(Object.assign(new Manual(), more), BOUNDS, (_, lost) => losses.push(lost));
      for (const message of ['a', 'b']) outlet.offer(entries(message));
      expect(outlet.writeOut(entries('c'))).toEqual({ lost: 2, unknown: 1 });
      expect(losses).toEqual([]);
      outlet.tellLosses();
      const { failed, pending, healthy } = outlet.stats();
      expect([failed + pending, healthy, losses]).toEqual([3, false, [failed]]);
    });

    it('leaves nobody waiting', async () => {
      const outlet = new Outlet({ name: 'mine', write: () => {}, writeSync: () => {} }, BOUNDS, noLoss);
      outlet.writeOut(entries('a'));
      await expect(outlet.flush()).resolves.toBeUndefined();
    });
  });

  it('counts what a target has not written whose writeSync returns a promise, and lives through its rejection', async () => {
    const broken = (): Promise<void> => Promise.reject(new Error('broken'));
    const target = { name: 'mine', write: broken, writeSync: broken, dropped: broken, lost: broken };
    const losses: unknown[] = [];
    const outlet = new Outlet(target, BOUNDS, (_, lost, error) => losses.push([lost, messageOf(error)]));
    outlet.offer(entries('a', 'b', 'c', 'd'));
    outlet.offer(entries('e', 'f', 'g', 'h'));
    await outlet.idle();
    expect(outlet.writeOut(entries('i'))).toEqual({ lost: 1, unknown: 0 });
    outlet.tellLosses();
    await turn();
    expect(losses).toEqual([
      [1, 'its queue is full'],
      [4, 'broken'],
      [3, 'broken'],
      [1, 'it cannot write before it returns'],
    ]);
  });

  describe('writeLate', () => {
    const seen: string[] = [];
    const writeSync = (batch: readonly LogEntry[]): void => {
      if (batch.some(({ message }) => message === 'refused')) throw new Error('full');
      seen.push(...batch.map((one) => one.message));
    };
    const late = (outlet: Outlet<LogEntry>, message: string): boolean => {
      const { isTaken, count } = outlet.writeLate(entries(message)[0]!);
      if (isTaken) count();
      return isTaken;
    };

    beforeEach(() => seen.splice(0));

    it('writes at once where nothing is pending, and counts it when told to', () => {
      const outlet = new Outlet(Object.assign(new Manual(), { writeSync }), BOUNDS, noLoss);
      const { isTaken, count } = outlet.writeLate(entries('a')[0]!);
      expect([isTaken, seen, outlet.stats().written]).toEqual([true, ['a'], 0]);
      count();
      expect(outlet.stats()).toMatchObject({ written: 1, pending: 0 });
    });

    it('queues behind what is pending, and idle() waits for it', async () => {
      const target = Object.assign(new Manual(), { writeSync });
      const outlet = new Outlet(target, BOUNDS, noLoss);
      outlet.offer(entries('a'));
      expect([late(outlet, 'b'), late(outlet, 'refused'), seen]).toEqual([true, true, []]);
      let isIdle = false;
      const idle = outlet.idle().then(() => (isIdle = true));
      target.succeed();
      await turn();
      expect(target.batches).toEqual([['a'], ['b', 'refused']]);
      late(outlet, 'c');
      target.succeed();
      await turn();
      expect(isIdle).toBe(false);
      target.succeed();
      await idle;
      expect(target.batches).toEqual([['a'], ['b', 'refused'], ['c']]);
      expect(outlet.stats()).toMatchObject({ written: 4, failed: 0, pending: 0 });
    });

    it('queues while the target is closed; finish() writes that, what comes later passes a target that hangs', async () => {
      const outlet = new Outlet(Object.assign(new Manual(), { writeSync }), BOUNDS, noLoss);
      outlet.offer(entries('a'));
      await outlet.close();
      expect([late(outlet, 'b'), seen]).toEqual([true, []]);
      outlet.finish();
      expect([late(outlet, 'c'), seen]).toEqual([true, ['b', 'c']]);
      expect(outlet.stats()).toMatchObject({ written: 2, failed: 0, pending: 1 });
    });

    it('hands nothing on to a target that is being closed, and counts what finish() cannot write, once', async () => {
      const target = Object.assign(new Manual(), { writeSync });
      const losses: number[] = [];
      const outlet = new Outlet(target, BOUNDS, (_, lost) => losses.push(lost));
      for (const message of ['a', 'refused']) outlet.offer(entries(message));
      await outlet.close();
      target.fail(new Error('closed'));
      await turn();
      expect(target.batches).toEqual([['a']]);
      outlet.finish();
      outlet.finish();
      expect(outlet.stats()).toMatchObject({ written: 0, failed: 2, pending: 0 });
      expect(losses).toEqual([1, 1]);
    });

    it('refuses what a target that is being closed could never write', async () => {
      const outlet = new Outlet(new Manual(), BOUNDS, () => {});
      outlet.offer(entries('a'));
      expect(late(outlet, 'b')).toBe(true);
      await outlet.close();
      expect(late(outlet, 'c')).toBe(false);
      outlet.finish();
      expect(outlet.stats()).toMatchObject({ written: 0, failed: 1, pending: 1 });
    });

    it('counts what it could not write only where another has', () => {
      const losses: number[] = [];
      const outlet = new Outlet(new Manual(), BOUNDS, (_, lost) => losses.push(lost));
      const { isTaken, count } = outlet.writeLate(entries('a')[0]!);
      expect([isTaken, outlet.stats().failed, losses]).toEqual([false, 0, []]);
      count();
      outlet.handOn();
      expect([outlet.stats().failed, losses]).toEqual([1, [1]]);
    });
  });
});
