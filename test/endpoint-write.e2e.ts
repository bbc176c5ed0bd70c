import { once } from 'node:events';
import { request as open } from 'node:http';
import fc from 'fast-check';
import { PLATFORM } from './support/platform.js';
import { cleanUp } from './support/clean-up.js';
import { EventStream } from './support/event-stream.js';
import { startApp, type TestApp } from './support/test-app.js';
import {
  JSON_TYPE,
  lines,
  loggedIn,
  messagesOf,
  NDJSON,
  post,
  startWriting,
} from './support/write-client.js';

afterEach(cleanUp);

describe('POST /logs/:sessionId', () => {
  it('is not there unless it is switched on', async () => {
    const app = await startApp();
    // Fastify has no parser of such bodies then.
    expect((await post(app, lines({ message: 'a' }))).status).toBe(PLATFORM === 'express' ? 404 : 415);
    expect(await loggedIn(app)).toEqual([]);
  });

  it('logs one entry of JSON, with all that an entry has', async () => {
    const app = await startWriting();
    const given = {
      sessionId: 'chat-1',
      message: 'Slow',
      logType: 'log',
      level: 'warn',
      context: 'worker.py',
      data: { ms: 9 },
      timestamp: '2026-11-20T12:00:00Z',
    };
    const answer = await post(app, JSON.stringify(given), { 'content-type': JSON_TYPE });
    expect([answer.status, answer.body]).toEqual([202, { accepted: 1 }]);
    expect(await loggedIn(app)).toEqual([expect.objectContaining(given)]);
  });

  it('logs a batch of NDJSON in order, for readers too, whatever its line ends', async () => {
    const app = await startWriting();
    const stream = await EventStream.open(`${app.url}/logs/chat-1`);
    const body = `\ufeff${['a', 'b', '', 'ü\u2028'].map((message) => message && JSON.stringify({ message })).join('\r\n')}\n`;
    expect((await post(app, body)).body).toEqual({ accepted: 3 });
    expect((await stream.entries(3)).map(({ message }) => message)).toEqual(['a', 'b', 'ü\u2028']);
  });

  it.each([NDJSON, 'application/jsonl', `${NDJSON}; charset=utf-8`, 'APPLICATION/X-NDJSON'])(
    'takes %s',
    async (type) => {
      const app = await startWriting();
      expect((await post(app, lines({ message: 'a' }), { 'content-type': type })).status).toBe(202);
    },
  );

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', ''])(
    'answers 415 to %s',
    async (type) => {
      const app = await startWriting();
      expect((await post(app, lines({ message: 'a' }), { 'content-type': type })).status).toBe(415);
    },
  );

  it('reads JSON itself where the application does not', async () => {
    const app = await startApp({ http: { write: true } }, { bodyParser: false });
    expect((await post(app, JSON.stringify({ message: 'a' }), { 'content-type': JSON_TYPE })).status).toBe(
      202,
    );
    expect((await post(app, '{"message":', { 'content-type': JSON_TYPE })).status).toBe(400);
    expect(messagesOf(await loggedIn(app))).toEqual(['a']);
  });

  it('names each wrong line, and logs none', async () => {
    const app = await startWriting();
    const body = [
      JSON.stringify({ message: 'good' }),
      '{"message": }',
      JSON.stringify({ message: 7 }),
      '',
      JSON.stringify({ message: 'x', level: 'loud' }),
      JSON.stringify({ message: 'x', uid: 'mine' }),
      JSON.stringify({ message: 'x', sessionId: 'chat-2' }),
      '[]',
      'null',
      '"text"',
      JSON.stringify({ message: 'x', timestamp: 'now' }),
      JSON.stringify({ message: 'x', data: [1] }),
    ].join('\n');
    const answer = await post(app, body);
    expect(answer.status).toBe(400);
    const errors = answer.body['errors'] as { line: number; code: string; message: string }[];
    expect(errors.map(({ line, code }) => [line, code])).toEqual([
      [2, 'INVALID_JSON'],
      [3, 'INVALID_MESSAGE'],
      [5, 'INVALID_LEVEL'],
      [6, 'INVALID_ENTRY'],
      [7, 'INVALID_SESSION_ID'],
      [8, 'INVALID_ENTRY'],
      [9, 'INVALID_ENTRY'],
      [10, 'INVALID_ENTRY'],
      [11, 'INVALID_TIMESTAMP'],
      [12, 'INVALID_DATA'],
    ]);
    expect(await loggedIn(app)).toEqual([]);
    expect(app.logs.stats().accepted).toBe(0);
  });

  it('is all or nothing, whatever the lines', async () => {
    const app = await startWriting();
    const good = fc.record({ message: fc.string(), context: fc.string() });
    const bad = fc.constantFrom({ message: null }, { text: 'x' }, { message: 'x', level: 1 }, 5);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 9, arbitrary: good }, bad), { minLength: 1 }),
        async (values) => {
          const before = app.logs.stats().accepted;
          const isGood = values.every((value) => typeof value === 'object' && 'context' in value);
          const { status } = await post(app, lines(...values));
          expect([status, app.logs.stats().accepted - before]).toEqual(
            isGood ? [202, values.length] : [400, 0],
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is all or nothing where the queue has no room for all', async () => {
    const app = await startWriting({}, { autoStart: false, limits: { queueEntries: 3, overflow: 'reject' } });
    const two = lines({ message: 'a' }, { message: 'b' });
    expect((await post(app, two)).status).toBe(202);
    const refused = await post(app, two);
    expect([refused.status, refused.body['code'], refused.headers.get('retry-after')]).toEqual([
      503,
      'QUEUE_FULL',
      '1',
    ]);
    expect(messagesOf(app.logs.getAllLogsInQueue())).toEqual(['a', 'b']);
  });

  it.each([
    ['no body', ''],
    ['blank lines', '\n \n'],
    ['what is no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ])('answers 400 to %s', async (_, body) => {
    const app = await startWriting();
    expect((await post(app, body)).status).toBe(400);
  });

  it('takes a body up to http.writeBytes, whether its length is told or not', async () => {
    const app = await startWriting({ writeBytes: 1_000 });
    const bodyOf = (bytes: number): string => lines({ message: 'x'.repeat(bytes - '{"message":""}'.length) });
    expect((await post(app, bodyOf(1_000))).status).toBe(202);
    expect((await post(app, bodyOf(1_001))).status).toBe(413);
    expect((await post(app, bodyOf(1_001), { 'content-type': JSON_TYPE })).status).toBe(413);
    expect(await sendInPieces(app, bodyOf(1_000))).toBe(202);
    expect(await sendInPieces(app, bodyOf(1_001))).toBe(413);
    expect(await loggedIn(app)).toHaveLength(2);
  });

  it('takes so many entries at once', async () => {
    const app = await startWriting();
    const entries = Array.from({ length: 10_001 }, () => ({ message: '' }));
    expect((await post(app, lines(...entries))).status).toBe(413);
    expect((await post(app, lines(...entries.slice(1)))).status).toBe(202);
  });

  it('asks for `write` before it reads', async () => {
    const actions: string[] = [];
    const app = await startWriting({
      authorize: (_, id, action) => {
        actions.push(action);
        return id === 'mine';
      },
    });
    expect((await post(app, lines({ message: 'a' }), {}, '/logs/mine')).status).toBe(202);
    expect((await post(app, 'x'.repeat(100), {}, '/logs/other')).status).toBe(403);
    expect(actions).toEqual(['write', 'write']);
    expect((await post(app, lines({ message: 'a' }), {}, '/logs/a%0ab')).status).toBe(400);
  });
});

/** Without a Content-Length. */
async function sendInPieces({ port }: TestApp, body: string): Promise<number | undefined> {
  const sending = open({ port, path: '/logs/chat-1', method: 'POST', headers: { 'content-type': NDJSON } });
  const answered = once(sending, 'response') as Promise<[{ statusCode?: number; resume(): void }]>;
  for (let at = 0; at < body.length; at += 100) sending.write(body.slice(at, at + 100));
  sending.end();
  const [response] = await answered;
  response.resume();
  return response.statusCode;
}
