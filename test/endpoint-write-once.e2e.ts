import { jest } from '@jest/globals';
import type { SessionRecord } from '../src/entry/log-entry.js';
import { resolveOptions } from '../src/options/resolve-options.js';
import { MemoryStore } from '../src/store/memory-store.js';
import { cleanUp } from './support/clean-up.js';
import type { TestApp } from './support/test-app.js';
import { deferred, until } from './support/turns.js';
import { lines, loggedIn, messagesOf, post, startWriting } from './support/write-client.js';

afterEach(cleanUp);

/** Takes nothing until its gate is open. */
class HeldStore extends MemoryStore {
  readonly gate = deferred<void>();

  override append(records: readonly SessionRecord[]): void {
    // The port allows a promise.
    return this.gate.promise.then(() => super.append(records)) as unknown as void;
  }
}

const key = { 'idempotency-key': 'k-1' };

describe('a write with an Idempotency-Key', () => {
  it('logs once, and gives the same answer again', async () => {
    const app = await startWriting();
    const body = lines({ message: 'a' }, { message: 'b' });
    const first = await post(app, body, key);
    const again = await post(app, body, key);
    expect([first.status, first.body, first.headers.get('idempotency-replayed')]).toEqual([
      202,
      { accepted: 2 },
      null,
    ]);
    expect([again.status, again.body, again.headers.get('idempotency-replayed')]).toEqual([
      202,
      { accepted: 2 },
      'true',
    ]);
    expect(messagesOf(await loggedIn(app))).toEqual(['a', 'b']);
  });

  it('is each session’s own', async () => {
    const app = await startWriting();
    await post(app, lines({ message: 'a' }), key);
    await post(app, lines({ message: 'a' }), key, '/logs/chat-2');
    expect(await loggedIn(app, 'chat-2')).toHaveLength(1);
  });

  it('refuses another body', async () => {
    const app = await startWriting();
    await post(app, lines({ message: 'a' }), key);
    expect((await post(app, lines({ message: 'b' }), key)).status).toBe(422);
    expect(messagesOf(await loggedIn(app))).toEqual(['a']);
  });

  it('logs once where many come at the same time', async () => {
    const app = await startWriting();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => post(app, lines({ message: 'a' }), key)),
    );
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].filter((status) => status !== 202 && status !== 409)).toEqual([]);
    expect(messagesOf(await loggedIn(app))).toEqual(['a']);
  });

  it('forgets what was refused', async () => {
    const app = await startWriting();
    expect((await post(app, lines({ message: 1 }), key)).status).toBe(400);
    expect((await post(app, lines({ message: 'a' }), key)).status).toBe(202);
    expect(messagesOf(await loggedIn(app))).toEqual(['a']);
  });

  it('forgets what the queue refused', async () => {
    const app = await startWriting({}, { autoStart: false, limits: { queueEntries: 1, overflow: 'reject' } });
    await app.logs.logChunkToQueue('first', 'chat-1');
    expect((await post(app, lines({ message: 'a' }), key)).status).toBe(503);
    await app.logs.distribute({ finite: true });
    expect((await post(app, lines({ message: 'a' }), key)).status).toBe(202);
    expect(messagesOf(await loggedIn(app))).toEqual(['first', 'a']);
  });

  it.each(['x'.repeat(256), 'a b'])('answers 400 to one that is none: %s', async (wrong) => {
    const app = await startWriting();
    expect((await post(app, lines({ message: 'a' }), { 'idempotency-key': wrong })).status).toBe(400);
  });

  it.each([
    ['with its keys in another order', '{"level":"warn","data":{"b":1,"a":2},"message":"a","logType":"log"}'],
    ['with spaces', ' { "message": "a", "logType": "log", "level": "warn", "data": { "a": 2, "b": 1 } }\n\n'],
    [
      'with its session',
      '{"sessionId":"chat-1","message":"a","logType":"log","level":"warn","data":{"a":2,"b":1}}',
    ],
    ['with null', '{"message":"a","logType":"log","level":"warn","data":{"a":2,"b":1},"context":null}'],
  ])('is the same %s', async (_, same) => {
    const app = await startWriting();
    const body = '{"message":"a","logType":"log","level":"warn","data":{"a":2,"b":1}}';
    expect((await post(app, body, key)).status).toBe(202);
    const again = await post(app, same, key);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([202, 'true']);
  });
});

describe('a write with an Idempotency-Key whose entries', () => {
  const body = lines({ message: 'a' }, { message: 'b' });
  const answerOf = async (app: TestApp): Promise<unknown[]> => {
    const { status, headers } = await post(app, body, key);
    return [status, headers.get('retry-after'), headers.get('idempotency-replayed')];
  };

  it('the store takes late is answered 503, and logged once whatever comes meanwhile', async () => {
    const store = new HeldStore(resolveOptions().limits);
    const app = await startWriting({}, { store, limits: { flushTimeout: 20 } });
    expect(await answerOf(app)).toEqual([503, '1', null]);
    expect((await post(app, body, key)).status).toBe(409);
    store.gate.resolve();
    await until(() => app.logs.stats().store.pending === 0);
    await expect(answerOf(app)).resolves.toEqual([202, null, 'true']);
    expect(messagesOf(await loggedIn(app))).toEqual(['a', 'b']);
  });

  it('the store loses is answered 503, and logged by a retry', async () => {
    const store = new MemoryStore(resolveOptions().limits);
    jest.spyOn(store, 'append').mockImplementationOnce(() => {
      throw new Error('broken');
    });
    const app = await startWriting({}, { store });
    expect(await answerOf(app)).toEqual([503, '1', null]);
    expect(await answerOf(app)).toEqual([202, null, null]);
    expect(messagesOf(await loggedIn(app))).toEqual(['a', 'b']);
  });

  it('a full queue drops is answered 503', async () => {
    const app = await startWriting({}, { limits: { queueEntries: 1, overflow: 'drop-oldest' } });
    expect(await answerOf(app)).toEqual([503, '1', null]);
  });

  it('are held back until they are masked is answered once they are stored', async () => {
    const app = await startWriting({}, { redact: { patterns: ['sk'], holdMs: 60_000 } });
    const half = lines({ message: 'ends in sk-' });
    expect((await post(app, half, key)).status).toBe(202);
    expect(messagesOf(app.logs.getAllLogsInQueue())).toEqual(['ends in [REDACTED]']);
  });
});
