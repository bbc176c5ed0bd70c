import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable, Logger } from '@nestjs/common';
import { EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import {
  LogEntry,
  runInSession,
  SESSION_ENTRY_EVENT,
  type LogSink,
  type SessionLoggerOptions,
  type SessionLoggerService,
} from 'nestjs-session-logger';
import { cleanUp } from './support/clean-up.js';
import { tempDir } from './support/temp-dir.js';
import { startApp, type TestApp, type TestAppSetUp } from './support/test-app.js';
import { useNestLogger } from './support/use-nest-logger.js';

afterEach(cleanUp);

@Injectable()
class Listener {
  calls = 0;
  private readonly logger = new Logger('Listener');

  @OnEvent(SESSION_ENTRY_EVENT)
  on({ sessionId, message }: LogEntry): void {
    this.calls++;
    this.logger.log(`entry of ${sessionId}: ${message}`);
  }
}

/** An application whose lines go to the readers of their sessions, and not to the terminal. */
function start(options: SessionLoggerOptions = {}, setUp: TestAppSetUp = {}): Promise<TestApp> {
  return startApp(
    { context: { capture: true }, terminal: { handler: () => {} }, ...options },
    {
      ...setUp,
      configure: useNestLogger,
    },
  );
}

async function messagesOf(logs: SessionLoggerService, sessionId: string): Promise<string[]> {
  await logs.distribute({ finite: true });
  const { records } = await logs.getSessionHistory(sessionId);
  return records.map((record) => (record instanceof LogEntry ? record.message : record.reason));
}

describe('what is logged by sinks and listeners', () => {
  it('belongs to no session, whoever logged what they are given', async () => {
    const logger = new Logger('Sink');
    const sink: LogSink = {
      name: 'talkative',
      write: (entries) => {
        const chat = entries.filter(({ logType }) => logType === 'chat');
        if (chat.length > 0) logger.log(`wrote ${chat.map(({ message }) => message).join()}`);
      },
    };
    const { app, logs } = await start(
      { sinks: [sink] },
      { imports: [EventEmitterModule.forRoot()], providers: [Listener] },
    );
    runInSession('alice', () => void logs.logChunkToQueue('hi from alice'));
    runInSession('bob', () => void logs.logChunkToQueue('secret of bob'));
    await logs.flush();
    expect(await messagesOf(logs, 'alice')).toEqual(['hi from alice']);
    expect(await messagesOf(logs, 'bob')).toEqual(['secret of bob']);
    expect(app.get(Listener).calls).toBe(2);
  });

  it('knows nothing of the caller: no other context of theirs is there either', async () => {
    const request = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { logs } = await start({
      sinks: [{ name: 'own', write: (entries) => void seen.push(...entries.map(() => request.getStore())) }],
      redact: { patterns: ['sk'], holdMs: 1 },
    });
    const messages = logs.getSessionLogs('s');
    await request.run('of a caller', () => logs.logChunkToQueue('held sk', 's'));
    await messages.next();
    await request.run('of a caller', () => logs.logChunkToQueue('. ', 's'));
    await messages.next();
    await messages.return?.();
    expect(seen).toEqual([undefined, undefined]);
  });

  it('a callback of a reader runs in no session of those who log', async () => {
    const { logs } = await start({ limits: { sessionEntries: 2 } });
    const messages = runInSession('bob', () =>
      logs.getSessionLogs('s', { onGap: () => new Logger('Gap').log('a gap') }),
    );
    for (let n = 0; n < 5; n++) await runInSession('alice', () => logs.logChunkToQueue(String(n), 's'));
    await logs.distribute({ finite: true });
    await messages.next();
    await messages.return?.();
    expect(await messagesOf(logs, 'alice')).toEqual([]);
  });
});

describe('a line in a session that has ended', () => {
  it('does not reopen it: its readers are through, only files have it', async () => {
    const sunk: LogEntry[] = [];
    const { logs } = await start({
      sinks: [{ name: 'own', write: (entries) => void sunk.push(...entries) }],
    });
    await runInSession('chat-1', async () => {
      await logs.logChunkToQueue('answer');
      await logs.endSession('chat-1');
      new Logger('Handler').log('it took 12 ms');
    });
    expect(await messagesOf(logs, 'chat-1')).toEqual(['answer', 'completed']);
    const line = sunk.find(({ message }) => message === 'it took 12 ms');
    expect(line).toMatchObject({ sessionId: 'chat-1' });
    const read: string[] = [];
    for await (const message of logs.getSessionLogs('chat-1')) read.push(message);
    expect(read).toEqual(['answer']);
  });

  it('is given to readers again once the session goes on', async () => {
    const { logs } = await start();
    await logs.logChunkToQueue('first', 'chat-1');
    await logs.endSession('chat-1');
    await logs.logChunkToQueue('second', 'chat-1');
    runInSession('chat-1', () => new Logger('Handler').log('a line'));
    expect(await messagesOf(logs, 'chat-1')).toEqual(['first', 'completed', 'second', 'a line']);
  });
});

it('a stack that readers are not to see is not in what they are given at all', async () => {
  const sunk: LogEntry[] = [];
  const { logs } = await start({ sinks: [{ name: 'own', write: (entries) => void sunk.push(...entries) }] });
  const entries = logs.getSessionEntries('chat-1');
  runInSession('chat-1', () => new Logger('Handler').error(new Error('it broke')));
  const { value } = await entries.next();
  await entries.return?.();
  expect(value).toMatchObject({ message: 'it broke', logType: 'log', level: 'error' });
  expect(Object.getOwnPropertyNames(value)).not.toContain('stack');
  expect(value!.id).toBeDefined();
  await logs.flush();
  const line = sunk.find(({ message }) => message === 'it broke');
  expect(line?.stack).toContain('session-lines.e2e');
  expect(line?.uid).toBe(value!.uid);
});

it.each([
  [true, [true, true]],
  [false, [false, false]],
])(
  'a history has stacks from files and store alike, where readers are to see them: %p',
  async (stacks, expected) => {
    const { logs, url } = await start({
      context: { capture: true, stacks },
      files: { dir: tempDir() },
      limits: { sessionEntries: 1 },
      http: { history: true },
    });
    for (const what of ['first', 'second']) {
      runInSession('chat-1', () => new Logger('Handler').error(new Error(what)));
    }
    await logs.flush();
    const lines = (await (await fetch(`${url}/logs/chat-1/history`)).text()).trim().split('\n');
    expect(lines.map((line) => 'stack' in (JSON.parse(line) as object))).toEqual(expected);
  },
);

it('what a sink lost is told once at the end, though that line goes to the same sink', async () => {
  const printed: string[] = [];
  const { logs, close } = await start({
    sinks: [{ name: 'warehouse', write: () => Promise.reject(new Error('no warehouse')) }],
    terminal: { handler: (message) => printed.push(message) },
  });
  await logs.logChunkToQueue('a', 's');
  await close();
  expect(printed.filter((text) => text.includes('Shutdown: '))).toHaveLength(1);
});

it('a line after the application has closed leaves nothing behind in the process', async () => {
  const before = process.listenerCount('exit');
  const { close } = await start();
  await close();
  new Logger('Late').error('late');
  expect(process.listenerCount('exit')).toBe(before);
});
