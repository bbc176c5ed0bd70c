import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  SESSION_ENDED_EVENT,
  SESSION_ENTRY_EVENT,
  SESSION_EVICTED_EVENT,
  SESSION_OPENED_EVENT,
  SessionLoggerModule,
  SessionLoggerService,
  SINK_FAILED_EVENT,
  type LogEntry,
  type SessionLoggerOptions,
} from 'nestjs-session-logger';

let context: TestingModule;
let logs: SessionLoggerService;
let emitter: EventEmitter2;
let warnings: string[];

async function start(options: SessionLoggerOptions = {}): Promise<void> {
  const imports = [
    EventEmitterModule.forRoot(),
    SessionLoggerModule.forRoot({ files: false, http: false, ...options }),
  ];
  context = await Test.createTestingModule({ imports }).compile();
  warnings = [];
  const quiet = (): void => {};
  context.useLogger({ log: quiet, error: quiet, warn: (message: string) => warnings.push(message) });
  await context.init();
  logs = context.get(SessionLoggerService);
  emitter = context.get(EventEmitter2);
}

function record(...names: string[]): [string, unknown][] {
  const seen: [string, unknown][] = [];
  for (const name of names) emitter.on(name, (payload) => seen.push([name, payload]));
  return seen;
}

afterEach(() => context.close());

it("are emitted on the application's own emitter", async () => {
  await start();
  const seen = record(SESSION_OPENED_EVENT, SESSION_ENTRY_EVENT, SESSION_ENDED_EVENT);
  await logs.logChunkToQueue('a', 's');
  await logs.endSession('s');
  await logs.distribute({ finite: true });
  await logs.logChunkToQueue('b', 's');
  await logs.distribute({ finite: true });
  expect(seen).toEqual([
    [SESSION_OPENED_EVENT, { sessionId: 's', reopened: false }],
    [SESSION_ENTRY_EVENT, expect.objectContaining({ message: 'a', id: expect.stringMatching(/-1$/) })],
    [SESSION_ENDED_EVENT, expect.objectContaining({ sessionId: 's', reason: 'completed' })],
    [SESSION_OPENED_EVENT, { sessionId: 's', reopened: true }],
    [SESSION_ENTRY_EVENT, expect.objectContaining({ message: 'b' })],
  ]);
});

it('do not exist for a refusal, which the log tells', async () => {
  await start();
  void logs.logChunkToQueue('a', 'no such/id');
  expect(warnings).toEqual([
    expect.stringMatching(/An entry was refused: sessionId is "no such\/id"; expected/),
  ]);
});

it('tell of evicted sessions', async () => {
  await start({ limits: { sessions: 1 } });
  const seen = record(SESSION_EVICTED_EVENT);
  for (const id of ['a', 'b']) await logs.logChunkToQueue('x', id);
  await logs.distribute({ finite: true });
  expect(seen).toEqual([[SESSION_EVICTED_EVENT, { sessionId: 'a', records: 1, reason: 'bounds' }]]);
});

it('tell of sinks that fail; the log tells it once a minute', async () => {
  const write = (): void => {
    throw new Error('no');
  };
  await start({ sinks: [{ name: 'mine', write }] });
  const seen = record(SINK_FAILED_EVENT);
  for (const message of ['a', 'b']) {
    await logs.logChunkToQueue(message, 's');
    await logs.distribute({ finite: true });
  }
  expect(seen).toHaveLength(2);
  expect(seen[0]).toEqual([SINK_FAILED_EVENT, { sink: 'mine', lost: 1, error: expect.any(Error) }]);
  expect(warnings).toEqual([expect.stringContaining('Sink mine lost 1 entries')]);
});

it('reach the listeners behind one that throws, and once-listeners once', async () => {
  await start();
  const seen: string[] = [];
  emitter.on(SESSION_ENTRY_EVENT, () => {
    throw new Error('mine');
  });
  emitter.on(SESSION_ENTRY_EVENT, ({ message }: LogEntry) => seen.push(message));
  emitter.once(SESSION_ENTRY_EVENT, ({ message }: LogEntry) => seen.push(`once ${message}`));
  emitter.onAny((name) => seen.push(`any ${String(name)}`));
  await logs.logChunkToQueue('a', 's');
  await logs.logChunkToQueue('b', 's');
  await logs.distribute({ finite: true });
  const any = `any ${SESSION_ENTRY_EVENT}`;
  expect(seen).toEqual([`any ${SESSION_OPENED_EVENT}`, any, 'a', 'once a', any, 'b']);
});

it.each([
  [
    'throws',
    () => {
      throw new Error('mine');
    },
  ],
  ['rejects', () => Promise.reject(new Error('mine'))],
])('go on when a listener %s; the log goes on too and tells it', async (_, listener) => {
  await start();
  emitter.on(SESSION_ENTRY_EVENT, listener as () => void);
  await logs.logChunkToQueue('a', 's');
  await logs.logChunkToQueue('b', 's');
  await logs.flush();
  await new Promise(setImmediate);
  expect(logs.stats().retained.entries).toBe(2);
  expect(warnings).toEqual([expect.stringContaining(`A listener of ${SESSION_ENTRY_EVENT} threw`)]);
});
