import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Controller, Get, Logger } from '@nestjs/common';
import { currentSessionId, readLogFiles, runInSession } from 'nestjs-session-logger';
import { cleanUp, onCleanUp } from '../support/clean-up.js';
import { EventStream, isEvent, messagesOf } from '../support/event-stream.js';
import { printed } from '../support/printed.js';
import { tempDir } from '../support/temp-dir.js';
import { endSession, logChat, startApp, type TestApp } from '../support/test-app.js';
import { useNestLogger } from '../support/use-nest-logger.js';

afterEach(cleanUp);

/** Sends bytes as they are, and gives all that is answered. */
async function raw(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  onCleanUp(() => void socket.destroy());
  socket.end(request, 'latin1');
  let answer = '';
  socket.setEncoding('latin1');
  for await (const text of socket) answer += text as string;
  return answer;
}

const HEAD = 'Host: x\r\nConnection: close\r\n\r\n';
const statusOf = (answer: string): number => Number(answer.split(' ')[1]);

const start = (): Promise<TestApp> =>
  startApp({
    http: { list: true, history: true, write: true, cancel: true, delete: true },
  });

describe('a path', () => {
  const ids =
    '.. . %2e%2e ..%2f..%2fetc %2fetc%2fpasswd a%2fb a%5cb a%00b a%0d%0ab a%e2%80%aeb a%20b a%3bb %ff % %zz a%0aevent:%20end " <b>';
  it.each([...ids.split(' '), 'x'.repeat(129)])('with %s reaches no session', async (id) => {
    const { port, logs } = await start();
    const body = '{"message":"x"}';
    const json = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    const answers = [
      await raw(port, `GET /logs/${id} HTTP/1.1\r\n${HEAD}`),
      await raw(port, `GET /logs/${id}/history HTTP/1.1\r\n${HEAD}`),
      await raw(port, `DELETE /logs/${id}?files=true HTTP/1.1\r\n${HEAD}`),
      await raw(port, `POST /logs/${id} HTTP/1.1\r\n${json}${HEAD}${body}`),
      await raw(port, `POST /logs/${id}/cancel HTTP/1.1\r\n${json}${HEAD}${body}`),
    ];
    for (const answer of answers) {
      // A path of dots is resolved by nobody: it is another path, or none.
      expect([400, 404]).toContain(statusOf(answer));
      expect(answer).not.toContain('text/event-stream');
    }
    await logs.distribute({ finite: true });
    expect(logs.allSessionsInQueues).toEqual([]);
  });
});

describe('a header or a query', () => {
  const ids =
    '1-1%0d%0aevent:%20end %00 1-1%0a%0adata:%20x ../../x -1--1 1e9-1e9 __proto__-1 1-99999999999999999999 %f0%9f%92%a9 0x1-0x1 1-1,2-2';
  it.each([...ids.split(' '), `${'9'.repeat(400)}-1`])(
    'with the id %s gets the session from its start, and nothing of what it said',
    async (id) => {
      const { url, logs } = await start();
      await logChat(logs, 's', 'a');
      await endSession(logs, 's');
      const stream = await EventStream.open(`${url}/logs/s?lastEventId=${id}`);
      const frames = await stream.rest();
      expect(messagesOf(frames)).toEqual(['a']);
      expect(frames.filter(isEvent('end'))).toHaveLength(1);
      expect(frames.find(isEvent('gap'))).toBeDefined();
      const text = JSON.stringify(frames);
      expect(text).not.toContain(decodeURIComponent(id).slice(0, 12));
    },
  );

  it('cannot break the head of an answer: Node refuses it, or it is quoted', async () => {
    const { port, logs, url } = await start();
    await logChat(logs, 's', 'a', 'b', 'c');
    const smuggled = await raw(
      port,
      `GET /logs/s/history HTTP/1.1\r\nLast-Event-ID: 1\nX-Forged: 1\r\n${HEAD}`,
    );
    expect(smuggled).not.toMatch(/^x-forged/im);
    const from = '2020-01-01T00:00:00Z';
    const answer = await fetch(`${url}/logs/s/history?limit=1&from=${from}`);
    expect(answer.headers.get('link')).toMatch(/^<\?[\w=%&.~-]+>; rel="next"$/);
    for (const query of [`from=${from}%0d%0aSet-Cookie:%20a=b`, 'cursor=%3e%0d%0aX:%20y']) {
      const refused = await fetch(`${url}/logs/s/history?${query}`);
      expect(refused.status).toBe(400);
      expect([...refused.headers.keys()]).not.toContain('set-cookie');
    }
    expect(statusOf(await raw(port, `POST /logs/s HTTP/1.1\r\nIdempotency-Key: a b\r\n${HEAD}`))).toBe(400);
  });

  it('names a session by a header only where it can be one’s', async () => {
    @Controller()
    class Who {
      @Get('who')
      who(): string {
        return currentSessionId() ?? 'none';
      }
    }
    const { url } = await startApp(
      { context: { from: [{ header: 'x-session-id' }, { cookie: 'sid' }] } },
      { controllers: [Who] },
    );
    const ask = async (headers: Record<string, string>): Promise<string> =>
      (await fetch(`${url}/who`, { headers })).text();
    expect(await ask({ 'x-session-id': 'chat-1' })).toBe('chat-1');
    for (const id of ['../x', 'a b', 'a,b', 'a\u00e9', '__proto__/x', 'x'.repeat(129)]) {
      expect(await ask({ 'x-session-id': id })).toBe('none');
      expect(await ask({ cookie: `sid=${encodeURIComponent(id)}` })).toBe('none');
    }
    expect(await ask({ cookie: 'sid=__proto__' })).toBe('__proto__');
  });
});

const HOSTILE = [
  'a\r\n\r\ndata: forged\r\n\r\nevent: end\r\ndata: {}\r\n\r\n',
  'id: 1-999\nretry: 1',
  '\u0000\u2028\u2029\u0085\u000b\u000c',
  '\ud800 lone',
  '{"uid":"x-1","sessionId":"other","message":"forged"}\n{"uid":"x-2","sessionId":"other","message":"forged"}',
  '\u001b[2J\u001b]0;forged\u0007\u009b31m',
  '\u202egnp.exe',
  '[Nest] 1  - 11/22/2026, 2:26:00 PM     LOG [Auth] admin logged in\n[Nest] 1  - LOG forged',
];

describe('what is logged', () => {
  it('is one event and one line, whatever it says, with nothing forged', async () => {
    const dir = tempDir();
    const { logs, url } = await startApp({ files: { dir }, http: { history: true } });
    await logChat(logs, 's', ...HOSTILE);
    await endSession(logs, 's', { error: new Error(HOSTILE[0]) });
    await logs.flush();
    const expected = HOSTILE.map((message) => message.toWellFormed());
    const frames = await (await EventStream.open(`${url}/logs/s`)).rest();
    expect(messagesOf(frames)).toEqual(expected);
    expect(frames.filter(isEvent('end'))).toHaveLength(1);
    expect(frames.filter((frame) => 'retry' in frame)).toHaveLength(1);
    const history = await fetch(`${url}/logs/s/history`).then((answer) => answer.text());
    expect(history.trim().split('\n')).toHaveLength(HOSTILE.length + 1);
    const files: string[] = [];
    for await (const { sessionId, message } of readLogFiles({ dir })) {
      expect(sessionId).toBe('s');
      files.push(message);
    }
    expect(files).toEqual(expected);
  });

  it('forges no line in a file of texts', async () => {
    const dir = tempDir();
    const { logs } = await startApp({ files: { dir, format: 'text' } });
    await logChat(logs, 's', ...HOSTILE);
    await logs.logEntryToQueue({
      sessionId: 's',
      message: HOSTILE[0]!,
      logType: 'log',
      context: HOSTILE[4]!,
    });
    await logs.flush();
    const text = readdirSync(dir).map((name) => readFileSync(join(dir, name), 'utf8'));
    const lines = text.join('').trimEnd().split('\n');
    expect(lines).toHaveLength(HOSTILE.length + 1);
    for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^\p{Cc}]*$/u);
  });

  it('gives a terminal no control character but those that paint it, and no line that looks like another’s', async () => {
    const terminal = printed();
    await startApp(
      {},
      {
        configure: useNestLogger,
      },
    );
    for (const message of HOSTILE) runInSession('s', () => new Logger(message).warn(message));
    const text = terminal();
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    const forged = text.split('\n').filter((line) => line.startsWith('[Nest]') && line.includes('forged'));
    expect(forged.filter((line) => !line.includes('WARN'))).toEqual([]);
  });
});
