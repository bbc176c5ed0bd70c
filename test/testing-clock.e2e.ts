import type { Server } from 'node:http';
import { performance } from 'node:perf_hooks';
import { jest } from '@jest/globals';
import type { SessionGrant } from 'nestjs-session-logger';
import {
  collectSession,
  installFakeClock,
  openEventStream,
  type FakeClock,
} from 'nestjs-session-logger/testing';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { EventStream, isComment } from './support/event-stream.js';
import { logChat, startApp } from './support/test-app.js';

const NOW = '2026-01-01T00:00:00.000Z';
const MINUTE = 60_000;
let clock: FakeClock;

beforeEach(async () => {
  clock = await installFakeClock({ now: NOW });
});
afterEach(async () => {
  await cleanUp();
  clock.restore();
});

describe('A fake clock', () => {
  it('tells the timestamps of entries', async () => {
    const { logs } = await startApp();
    await logChat(logs, 's', 'a');
    await clock.advance(1_500);
    await logChat(logs, 's', 'b');
    const { entries } = await collectSession(logs, 's', { until: 'now' });
    expect(entries.map(({ timestamp }) => timestamp)).toEqual([NOW, '2026-01-01T00:00:01.500Z']);
    expect(clock.now).toEqual(new Date('2026-01-01T00:00:01.500Z'));
  });

  it('ends readers by their time-outs, and not before', async () => {
    const { logs } = await startApp();
    await logChat(logs, 's', 'a');
    const over: string[] = [];
    const read = async (name: string, options: object): Promise<void> => {
      for await (const _ of logs.getSessionLogs('s', options)) if (name === 'idle') continue;
      over.push(name);
    };
    const reading = [read('timeout', { timeout: 3 * MINUTE }), read('idle', { idleTimeout: 2 * MINUTE })];
    await clock.advance(MINUTE);
    await logChat(logs, 's', 'b');
    await clock.advance(2 * MINUTE - 1);
    expect(over).toEqual([]);
    await clock.advance(1);
    expect(over.toSorted()).toEqual(['idle', 'timeout']);
    await Promise.all(reading);
  });

  it('lets sessions go when their time is over', async () => {
    const { logs } = await startApp({ limits: { sessionIdle: 60 * MINUTE, sessionEnded: 5 * MINUTE } });
    await logChat(logs, 'idle', 'a');
    await logChat(logs, 'ended', 'b');
    await logs.endSession('ended');
    await logs.distribute({ finite: true });
    await clock.advance(4 * MINUTE);
    expect(logs.allSessionsInQueues.toSorted()).toEqual(['ended', 'idle']);
    await clock.advance(2 * MINUTE);
    expect(logs.allSessionsInQueues).toEqual(['idle']);
    await clock.advance(61 * MINUTE);
    expect(logs.allSessionsInQueues).toEqual([]);
  });

  it('makes the heart of a stream beat', async () => {
    const { logs, url } = await startApp({ http: { heartbeat: 15_000 } });
    const stream = await EventStream.open(`${url}/logs/s`);
    await logChat(logs, 's', 'a');
    await stream.entries(1);
    await clock.advance(15_000);
    expect(await stream.until(isComment)).toHaveLength(1);
    stream.close();
  });

  it('closes a stream when its grant expires', async () => {
    const authorize = (): SessionGrant => ({ expiresAt: Date.parse(NOW) + 10 * MINUTE });
    const { app, logs } = await startApp({ http: { authorize, heartbeat: false } });
    const stream = await openEventStream(app.getHttpServer() as Server, '/logs/s');
    await clock.advance(9 * MINUTE);
    await logChat(logs, 's', 'a');
    expect((await stream.collect({ until: 1 })).text).toBe('a');
    await clock.advance(MINUTE);
    expect(await stream.next()).toBeUndefined();
  });

  it('lets go what redaction holds back', async () => {
    const pattern = { pattern: /sk-\d{3}/, prefix: 'sk-', maxLength: 6 };
    const { logs } = await startApp({ redact: { patterns: [pattern], holdMs: 2_000 } });
    await logs.logChunkToQueue('ends in sk', 's');
    await clock.advance(1_999);
    expect(logs.isHeld('s')).toBe(true);
    await clock.advance(1);
    expect(logs.isHeld('s')).toBe(false);
    expect((await collectSession(logs, 's', { until: 'now' })).text).toBe('ends in sk');
  });

  it('stands still by itself, and leaves the work that is not to wait alone', async () => {
    const begun = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
    expect([Date.now(), performance.now()]).toEqual([Date.parse(NOW), begun]);
  });

  it('brings the real clock back, once, whoever asks twice', async () => {
    const ran = jest.fn();
    setTimeout(ran, 5);
    clock.restore();
    clock.restore();
    const next = await installFakeClock();
    {
      using third = next;
      await third.advance(5);
    }
    expect(Math.abs(Date.now() - Date.parse(NOW))).toBeGreaterThan(MINUTE);
    expect(ran).not.toHaveBeenCalled();
    await expect(clock.advance(1)).rejects.toThrow(/the clock was restored; install another one/);
  });

  it('lets timers of the real clock be cleared', async () => {
    clock.restore();
    const timer = setTimeout(() => {}, MINUTE);
    onCleanUp(() => clearTimeout(timer));
    using _next = await installFakeClock();
    const set = timersSet();
    clearTimeout(timer);
    expect(timersSet()).toBe(set - 1);
  });

  it.each([
    ['it is there already', () => installFakeClock(), /Can't install fake timers twice.*Restore/],
    ['now is no time', () => installFakeClock({ now: 'tomorrow' }), /now is tomorrow.*expected a Date/],
    ['it is to go back', () => clock.advance(-1), /-1 is not 0 or more milliseconds/],
  ])('says what is wrong where %s', async (_, attempt, text) => {
    await expect(attempt()).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringMatching(text) as string,
    });
  });
});

/** How many real timers are set. */
function timersSet(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
