import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { jest } from '@jest/globals';
import { ForbiddenException } from '@nestjs/common';
import { minifySync, transformSync } from '@swc/core';
import type { LogEntry } from 'nestjs-session-logger';
import { followSession, SegmentList, type FollowedSession } from 'nestjs-session-logger/client';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { startFetchServer } from './support/fetch-server.js';
import { reply, SHOWN } from './support/segments.js';
import { endSession, logChat } from './support/test-app.js';
import { until } from './support/turns.js';

afterEach(cleanUp);

/** Comes back at once. */
const HTTP = { retry: 1 };

async function take(session: FollowedSession, count: number): Promise<string[]> {
  const messages: string[] = [];
  while (messages.length < count) {
    const { done, value } = await session.next();
    if (done === true) throw new Error(`Only ${messages.join()} came`);
    messages.push(value.message);
  }
  return messages;
}

async function all(session: AsyncIterable<LogEntry>): Promise<string[]> {
  const messages: string[] = [];
  for await (const { message } of session) messages.push(message);
  return messages;
}

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  onCleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('followSession', () => {
  it('gives the entries of a session, and how it ended', async () => {
    const { url, logs } = await startFetchServer({ http: HTTP });
    await logChat(logs, 's', 'a');
    const session = followSession(`${url}/logs/s`);
    expect(await take(session, 1)).toEqual(['a']);
    await logChat(logs, 's', 'b');
    await endSession(logs, 's', { error: 'it broke' });
    expect(await all(session)).toEqual(['b']);
    expect(session.end).toEqual({ reason: 'error', error: 'it broke' });
    expect(await session.next()).toEqual({ done: true, value: undefined });
  });

  it('comes back where it was, each time the connection breaks, with headers made anew', async () => {
    const tokens: unknown[] = [];
    const authorize = ({ headers }: { headers: Record<string, unknown> }): boolean =>
      tokens.push(headers['authorization']) > 0;
    const { app, url, logs } = await startFetchServer({ http: { ...HTTP, authorize } });
    let asked = 0;
    const session = followSession(`${url}/logs/s`, {
      headers: () => Promise.resolve({ authorization: `t${++asked}` }),
    });
    const received: string[] = [];
    for (let count = 0; count < 20; count++) {
      await logChat(logs, 's', `${count}`);
      received.push(...(await take(session, 1)));
      (app.getHttpServer() as Server).closeAllConnections();
    }
    await logChat(logs, 's', 'last');
    await endSession(logs, 's');
    received.push(...(await all(session)));
    expect(received).toEqual([...Array.from({ length: 20 }, (_, count) => `${count}`), 'last']);
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(tokens.length).toBeGreaterThan(10);
  });

  it('begins behind an id, and knows where nothing is left', async () => {
    const { url, logs } = await startFetchServer({ http: HTTP });
    await logChat(logs, 's', 'a', 'b');
    const session = followSession(`${url}/logs/s`);
    await take(session, 1);
    const { lastEventId } = session;
    await session.return?.();
    await endSession(logs, 's');
    const next = followSession(`${url}/logs/s`, { lastEventId });
    expect([await all(next), next.end]).toEqual([['b'], { reason: 'completed' }]);
    const late = followSession(`${url}/logs/s`, { lastEventId: next.lastEventId });
    expect([await all(late), late.end]).toEqual([[], { reason: 'unknown' }]);
  });

  it('tells gaps', async () => {
    const { url, logs } = await startFetchServer({ http: HTTP });
    await logChat(logs, 's', 'a');
    await endSession(logs, 's');
    const gaps: unknown[] = [];
    expect(
      await all(
        followSession(`${url}/logs/s`, { lastEventId: 'elsewhere-1', onGap: (gap) => gaps.push(gap) }),
      ),
    ).toEqual(['a']);
    expect(gaps).toMatchObject([{ reason: 'epoch' }]);
    const onGap = (): never => {
      throw new Error('mine');
    };
    await expect(all(followSession(`${url}/logs/s`, { lastEventId: 'elsewhere-1', onGap }))).rejects.toThrow(
      'mine',
    );
  });

  it('gives what changes the segments, each time the connection breaks, too', async () => {
    const { app, url, logs } = await startFetchServer({ http: HTTP });
    const session = followSession(`${url}/logs/s?type=chat#top`, { view: 'segments' });
    const list = new SegmentList();
    const applyNext = async (): Promise<void> => {
      const { done, value } = await session.next();
      if (done !== true) list.apply(value);
    };
    await applyNext();
    for (let count = 0; count < 10; count++) {
      await logChat(logs, 's', `${count}`);
      while (!list.all()[0]?.text.endsWith(`${count}`)) await applyNext();
      (app.getHttpServer() as Server).closeAllConnections();
    }
    await reply(logs, 's');
    for await (const update of session) list.apply(update);
    expect(list.all()).toMatchObject([
      { kind: 'text', text: '0123456789' },
      ...SHOWN.filter((_, at) => at !== 6),
    ]);
    expect(session.end).toEqual({ reason: 'completed' });
  });

  it('gives the entries of several sessions, with the gaps and ends of each', async () => {
    const { app, url, logs } = await startFetchServer({ http: HTTP });
    await logChat(logs, 'a', '1');
    await logChat(logs, 'b', '2');
    const told: unknown[] = [];
    const session = followSession(`${url}/logs/stream?sessions=a,b`, {
      lastEventId: 'lost',
      onGap: ({ sessionId, reason }) => told.push([sessionId, reason]),
      onSessionEnd: (end) => told.push(end),
    });
    expect((await take(session, 2)).toSorted()).toEqual(['1', '2']);
    (app.getHttpServer() as Server).closeAllConnections();
    await endSession(logs, 'a');
    await logChat(logs, 'b', '3');
    expect(await take(session, 1)).toEqual(['3']);
    await endSession(logs, 'b', { error: 'it broke' });
    expect(await all(session)).toEqual([]);
    expect(session.end).toEqual({ reason: 'completed' });
    expect(told).toEqual([
      ['a', 'malformed'],
      ['b', 'malformed'],
      { sessionId: 'a', reason: 'completed' },
      { sessionId: 'b', reason: 'error', error: 'it broke' },
    ]);
  });

  it('ends at once by return(), a signal or break, and lets go of the server', async () => {
    const { url, logs } = await startFetchServer({ http: HTTP });
    const stopping = new AbortController();
    const sessions = [
      followSession(`${url}/logs/s`),
      followSession(`${url}/logs/s`, { signal: stopping.signal }),
    ];
    await logChat(logs, 's', 'a');
    for (const session of sessions) await take(session, 1);
    const ends = sessions.map((session) => session.next());
    await sessions[0]!.return?.();
    stopping.abort();
    for (const end of ends) expect(await end).toEqual({ done: true, value: undefined });
    for await (const _ of followSession(`${url}/logs/s`)) break;
    expect(await all(followSession(`${url}/logs/s`, { signal: stopping.signal }))).toEqual([]);
    await endSession(logs, 's');
  });

  it('says that it was refused, and comes back where that may pass', async () => {
    const authorize = (): never => {
      throw new ForbiddenException('not yours');
    };
    const { url } = await startFetchServer({ http: { authorize } });
    await expect(all(followSession(`${url}/logs/s`))).rejects.toMatchObject({
      name: 'FollowError',
      status: 403,
      message: expect.stringMatching(/403.*not yours/) as string,
    });
    const statuses = [503, 429, 200];
    const answers = await serve((_, response) => {
      response.writeHead(statuses.shift()!, { 'content-type': 'Text/Event-Stream; charset=utf-8' });
      response.end(
        'retry: 1\n\nid: e-1\ndata: {"message":"a"}\n\nevent: end\ndata: {"reason":"completed"}\n\n',
      );
    });
    expect(await all(followSession(answers, { retry: 1 }))).toEqual(['a']);
  });

  it('says what asking again does not mend: no stream of events, and no URL', async () => {
    const page = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).write('<p>who never ends');
    });
    await expect(all(followSession(page))).rejects.toMatchObject({
      status: 200,
      message: expect.stringMatching(/200: text\/html where text\/event-stream/) as string,
    });
    await expect(all(followSession('/logs/s'))).rejects.toThrow(
      '/logs/s is no URL; expected an absolute one',
    );
    const accepted = await serve((_, response) => response.writeHead(202).end());
    await expect(all(followSession(accepted))).rejects.toMatchObject({ status: 202 });
  });

  it.each([
    ['given', { 'a b': 'c' }],
    ['made', () => ({ 'a b': 'c' })],
  ])('does not ask again with headers that are none, %s', async (_, headers) => {
    const session = followSession('http://127.0.0.1:9/logs/s', { headers });
    await expect(all(session)).rejects.toThrow(/invalid header name/);
  });

  it('says that it was refused by an answer that does not end', async () => {
    const url = await serve((_, response) => {
      response.writeHead(403).write('not you');
    });
    await expect(all(followSession(url))).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('403: not you') as string,
    });
  });

  it('comes back where headers cannot be made, tells why, and waits for none once it is left', async () => {
    const { url, logs } = await startFetchServer({ http: HTTP });
    await logChat(logs, 's', 'a');
    const told: unknown[] = [];
    let asked = 0;
    const headers = (): Record<string, string> => {
      if (++asked === 1) throw new Error('no network');
      return {};
    };
    const onConnection = (state: string, error?: unknown): unknown => told.push([state, error]);
    await take(followSession(`${url}/logs/s`, { headers, onConnection, retry: 1 }), 1);
    expect(told).toEqual([
      ['lost', new Error('no network')],
      ['open', undefined],
    ]);
    asked = 0;
    const silent = (): Promise<Record<string, string>> =>
      // A rejection without a reason, as an abort that nobody explained.
      ++asked === 1 ? new Promise((_, reject) => reject()) : Promise.resolve({});
    await take(followSession(`${url}/logs/s`, { headers: silent, retry: 1 }), 1);
    expect(asked).toBe(2);
    const leaving = new AbortController();
    const never = (): Promise<never> => new Promise(() => {});
    const waiting = followSession(`${url}/logs/s`, { headers: never, signal: leaving.signal }).next();
    leaving.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  it('waits longer and longer where coming back is in vain, also when it was told to be quick', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      if (++asked > 1) return response.writeHead(503).end();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return response.end('retry: 0\nid: e-1\ndata: {"message":"a"}\n\n');
    });
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    onCleanUp(() => jest.useRealTimers());
    let lost = 0;
    const session = followSession(url, { onConnection: (state) => (lost += state === 'lost' ? 1 : 0) });
    await take(session, 1);
    const waiting = session.next();
    const waits: number[] = [];
    for (let times = 1; times <= 4; times++) {
      await until(() => lost === times && jest.getTimerCount() === 1);
      const before = Date.now();
      jest.runOnlyPendingTimers();
      waits.push(Date.now() - before);
    }
    expect(waits[0]).toBeLessThanOrEqual(1);
    for (const [at, wait] of waits.slice(1).entries()) expect(wait).toBeGreaterThanOrEqual(50 * 2 ** at);
    await session.return?.();
    await waiting;
  });

  it('comes back where a connection says nothing any more', async () => {
    let asked = 0;
    const ids: unknown[] = [];
    const url = await serve((request, response) => {
      ids.push(request.headers['last-event-id']);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (++asked === 1) response.write('retry: 1\nid: e-1\ndata: {"message":"a"}\n\n');
      else response.end('event: end\ndata: {"reason":"completed"}\n\n');
    });
    expect(await all(followSession(url, { stallTimeout: 50 }))).toEqual(['a']);
    expect(ids).toEqual([undefined, 'e-1']);
  });

  it('takes nobody who is slow for a lost connection, and leaves no timer behind', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('id: e-1\ndata: {"message":"a"}\n\n');
    });
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    onCleanUp(() => jest.useRealTimers());
    const session = followSession(url, { stallTimeout: 1_000 });
    await take(session, 1);
    expect(jest.getTimerCount()).toBe(0);
    const waiting = session.next();
    await until(() => jest.getTimerCount() === 1);
    await session.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('tells where the connection stands, and what is thrown there', async () => {
    const { app, url, logs } = await startFetchServer({ http: HTTP });
    const told: string[] = [];
    await logChat(logs, 's', 'a');
    const session = followSession(`${url}/logs/s`, { onConnection: (state) => told.push(state) });
    await take(session, 1);
    (app.getHttpServer() as Server).closeAllConnections();
    await logChat(logs, 's', 'b');
    await take(session, 1);
    await endSession(logs, 's');
    await all(session);
    expect(told).toEqual(['open', 'lost', 'open']);

    const away = await serve((_, response) => response.writeHead(503).end());
    for (const [state, at] of [
      ['open', `${url}/logs/s`],
      ['lost', away],
    ] as const) {
      const onConnection = (now: string): void => {
        if (now === state) throw new Error(`mine: ${state}`);
      };
      await expect(all(followSession(at, { onConnection, retry: 1 }))).rejects.toThrow(`mine: ${state}`);
    }
  });

  it('sends what it is told to', async () => {
    let told: unknown;
    const url = await serve((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (text: string) => (body += text));
      request.on('end', () => {
        told = [request.method, request.headers['x-a'], body];
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('event: end\ndata: {"reason":"completed"}\n\n');
      });
    });
    await all(followSession(url, { method: 'POST', body: '{"q":1}', headers: { 'x-a': 'b' } }));
    expect(told).toEqual(['POST', 'b', '{"q":1}']);
  });

  it('has 5 KB at the most, gzipped, and imports nothing but its own files', () => {
    const code = ['event-parser', 'follow-session', 'segment-list', 'index'].map((name) => {
      const source = readFileSync(`src/client/${name}.ts`, 'utf8');
      const { code: script } = transformSync(source, {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      });
      expect(script.match(/from ["'](?!\.\/)/)).toBeNull();
      return minifySync(script, { module: true, compress: true, mangle: true }).code;
    });
    expect(gzipSync(code.join('')).length).toBeLessThan(5 * 1024);
  });
});
