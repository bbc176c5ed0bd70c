import { Test } from '@nestjs/testing';
import { SessionLoggerService } from 'nestjs-session-logger';
import { collectSession, installFakeClock, SessionLoggerTestingModule } from 'nestjs-session-logger/testing';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { logChat, startApp } from './support/test-app.js';

afterEach(cleanUp);

async function start(limits = {}): Promise<SessionLoggerService> {
  return (await startApp({ limits, http: false })).logs;
}

describe('collectSession', () => {
  it('waits for the end, and gives the entries, their text and the end', async () => {
    const logs = await start();
    const collecting = collectSession(logs, 's');
    await logs.logChunkToQueue('Hel', 's');
    await logs.logEntryToQueue({ sessionId: 's', message: 'a line', logType: 'log', level: 'warn' });
    await logs.logChunkToQueue('lo', 's');
    await logs.endSession('s', { error: new Error('it broke') });
    const { entries, text, end, gaps } = await collecting;
    expect(entries.map(({ message }) => message)).toEqual(['Hel', 'a line', 'lo']);
    expect([text, end, gaps]).toEqual(['Hello', { reason: 'error', error: 'it broke' }, []]);
  });

  it('takes nothing out: others, and a second call, get all of it', async () => {
    const logs = await start();
    await logChat(logs, 's', 'a');
    await logs.endSession('s');
    const both = await Promise.all([collectSession(logs, 's'), collectSession(logs, 's')]);
    expect(both.map(({ text }) => text)).toEqual(['a', 'a']);
    expect((await collectSession(logs, 's')).text).toBe('a');
  });

  it('stops at a number of entries, at the one that is wanted, or at what is there', async () => {
    const logs = await start();
    const untils = [2, ({ message }: { message: string }) => message === 'b'] as const;
    const waiting = untils.map((until) => collectSession(logs, 's', { until }));
    for (const message of ['a', 'b', 'c']) await logs.logChunkToQueue(message, 's');
    const texts = (await Promise.all(waiting)).map(({ text, end }) => [text, end]);
    expect(texts).toEqual([
      ['ab', undefined],
      ['ab', undefined],
    ]);
    expect((await collectSession(logs, 's', { until: 'now' })).text).toBe('abc');
    expect((await collectSession(logs, 'none', { until: 'now' })).entries).toEqual([]);
    expect(logs.allSessionsInQueues).toEqual(['s']);
  });

  it('begins where it is told to, also in a session that goes on', async () => {
    const logs = await start();
    await logChat(logs, 's', 'a');
    await logs.endSession('s');
    const { entries } = await collectSession(logs, 's');
    await logChat(logs, 's', 'b');
    await logs.endSession('s', { reason: 'cancelled' });
    const from = entries[0]!.id;
    expect(await collectSession(logs, 's', { from })).toMatchObject({
      text: 'b',
      end: { reason: 'cancelled' },
    });
    expect((await collectSession(logs, 's', { from, until: 'now' })).text).toBe('b');
    expect((await collectSession(logs, 's', { from: 'start', until: 'now' })).text).toBe('ab');
    expect((await collectSession(logs, 's', { from: 'now', until: 'now' })).text).toBe('');
    await logChat(logs, 's', 'c');
    expect((await collectSession(logs, 's', { until: 'now' })).end).toBeUndefined();
  });

  it('reads many pages of what is there, and tells gaps', async () => {
    const logs = await start({ sessionEntries: 2_500 });
    for (let count = 0; count < 2_600; count++) await logs.logChunkToQueue('x', 's');
    const { entries, gaps } = await collectSession(logs, 's', { until: 'now', from: 'elsewhere-1' });
    expect(entries).toHaveLength(2_500);
    expect(gaps).toMatchObject([{ reason: 'epoch' }]);
    expect((await collectSession(logs, 's', { until: 1, from: 'elsewhere-1' })).gaps).toEqual(gaps);
  });

  it('says what came where the rest does not come, by real time', async () => {
    const logs = await start();
    const clock = await installFakeClock();
    onCleanUp(() => clock.restore());
    await logChat(logs, 's', 'a');
    await expect(collectSession(logs, 's', { timeout: 20 })).rejects.toMatchObject({
      code: 'NOT_RECEIVED',
      message: expect.stringMatching(
        /session s gave "a" \(1\); expected the end within 20 ms.*until: 'now'/,
      ) as string,
      details: { sessionId: 's', collected: { text: 'a', end: undefined } },
    });
    expect(logs.stats().readers).toBe(0);
  });

  it('says so where the session ends, or the application closes, too early', async () => {
    const { logs, close } = await startApp();
    await logs.logChunkToQueue('a', 's');
    await logs.endSession('s');
    await expect(collectSession(logs, 's', { until: 2 })).rejects.toThrow(
      /gave "a" \(1\) and the end \(completed\); expected 2 entries/,
    );
    const waiting = collectSession(logs, 'other');
    await Promise.all([
      expect(waiting).rejects.toThrow(/expected the end. The application was closed/),
      close(),
    ]);
  });

  it('says what is most likely wrong where nothing came', async () => {
    const logs = await start();
    await logChat(logs, 'S', 'a');
    await expect(collectSession(logs, 's', { timeout: 20 })).rejects.toThrow(
      /gave no entry; .*those that there are: S/,
    );
    const module = await Test.createTestingModule({
      imports: [SessionLoggerTestingModule.forRoot()],
    }).compile();
    onCleanUp(() => module.close());
    const unborn = module.get(SessionLoggerService);
    await unborn.logChunkToQueue('a', 's');
    await expect(collectSession(unborn, 's', { timeout: 20 })).rejects.toThrow(/call init\(\)/);
  });

  it.each([
    [{ until: 0 }, 'until'],
    [{ until: 'later' as 'now' }, 'until'],
    [{ timeout: -1 }, 'timeout'],
    [{ timeout: Number.NaN }, 'timeout'],
  ])('refuses %o', async (options, option) => {
    const logs = await start();
    const refused = { code: 'INVALID_READ_OPTION', details: { option } };
    await expect(collectSession(logs, 's', options)).rejects.toMatchObject(refused);
  });

  it('refuses what is no session id', async () => {
    const logs = await start();
    await expect(collectSession(logs, 'a b')).rejects.toMatchObject({ code: 'INVALID_SESSION_ID' });
  });
});
