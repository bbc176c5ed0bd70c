import { get } from 'node:http';
import {
  ForbiddenException,
  HttpException,
  UnauthorizedException,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import type { Request } from 'express';
import type { Authorize, SessionHttpOptions, SessionRequest } from 'nestjs-session-logger';
import request from 'supertest';
import { resolveOptions } from '../src/options/resolve-options.js';
import { MemoryStore } from '../src/store/memory-store.js';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { EventSourceClient } from './support/event-source-client.js';
import { EventStream, isComment, isEntry, isEvent, messagesOf } from './support/event-stream.js';
import { heldVerdict } from './support/held-verdict.js';
import { endSession, logChat, startApp } from './support/test-app.js';
import { deferred, until } from './support/turns.js';

afterEach(cleanUp);

describe('a session id', () => {
  const paths = [
    ['..', '/logs/..'],
    ['.', '/logs/.'],
    ['encoded dots', '/logs/%2e%2e'],
    ['an encoded slash', '/logs/a%2Fb'],
    ['an encoded path out', '/logs/..%2f..%2fetc%2fpasswd'],
    ['CR LF', '/logs/a%0d%0ab'],
    ['a line break at its end', '/logs/a%0a'],
    ['NUL', '/logs/a%00'],
    ['U+202E', '/logs/%E2%80%AEa'],
    ['129 characters', `/logs/${'a'.repeat(129)}`],
    ['a space', '/logs/a%20b'],
    ['a half percent code', '/logs/%E0%A4%A'],
  ] as const;

  it.each(paths)('with %s is answered 400, before anybody is asked and anything made', async (_, path) => {
    let isAsked = false;
    const { url, logs } = await startApp({ http: { authorize: () => (isAsked = true) } });
    expect((await EventStream.open(url + path)).status).toBe(400);
    expect(logs.stats()).toMatchObject({ sessions: 0, readers: 0 });
    expect(isAsked).toBe(false);
  });

  it.each(['a', '...', 'A-Z.a_z~0:9@x', 'a'.repeat(128)])('such as %s is served', async (id) => {
    const { url, logs } = await startApp();
    await logChat(logs, id, 'hello');
    const stream = await EventStream.open(`${url}/logs/${id}`);
    expect((await stream.entries(1))[0]).toMatchObject({ sessionId: id, message: 'hello' });
  });
});

describe('http.authorize', () => {
  it.each<[string, Authorize]>([
    ['true', () => true],
    ['a promise of true', () => Promise.resolve(true)],
    ['a grant', () => ({})],
    ['a grant without a prototype', () => Object.create(null) as object],
    ['a promise of a grant', () => Promise.resolve({ types: ['chat', 'log'] })],
  ])('lets a client in by %s', async (_, authorize) => {
    const { url, logs } = await startApp({ http: { authorize } });
    await logChat(logs, 'chat-1', 'a');
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    expect(stream.status).toBe(200);
    expect(messagesOf(await stream.until(isEntry))).toEqual(['a']);
  });

  it("lets everybody in as 'none'", async () => {
    const { url } = await startApp({ http: { authorize: 'none' } });
    expect((await EventStream.open(`${url}/logs/chat-1`)).status).toBe(200);
  });

  it('is asked with the request, the session id and the action', async () => {
    const asked: unknown[] = [];
    const authorize: Authorize = (asking, sessionId, action) => {
      asked.push([asking.headers.authorization, asking.query, sessionId, action]);
      return true;
    };
    const { url } = await startApp({ http: { authorize } });
    await EventStream.open(`${url}/logs/chat-1?key=k`, { Authorization: 'Bearer t' });
    expect(asked).toEqual([['Bearer t', { key: 'k' }, 'chat-1', 'read']]);
  });

  it('is asked anew each time a client comes back', async () => {
    let asked = 0;
    const { url, logs } = await startApp({ http: { authorize: () => ++asked < 3 } });
    await endSession(logs, 'chat-1');
    for (const status of [200, 200, 403]) {
      const stream = await EventStream.open(`${url}/logs/chat-1`);
      expect(stream.status).toBe(status);
    }
  });

  it('is awaited before any byte', async () => {
    const { authorize, asked, give } = heldVerdict();
    const { url, logs } = await startApp({ http: { authorize } });
    let isAnswered = false;
    const opening = EventStream.open(`${url}/logs/chat-1`).finally(() => (isAnswered = true));
    await asked;
    await request(url).get('/elsewhere').expect(404);
    expect(isAnswered).toBe(false);
    expect(logs.stats().sessions).toBe(0);
    give(true);
    expect((await opening).status).toBe(200);
  });

  it.each<[string, unknown]>([
    ['false', false],
    ['a promise of false', Promise.resolve(false)],
    ['undefined', undefined],
    ['null', null],
    ['a text', 'yes'],
    ['1', 1],
    ['a grant that ran out', { expiresAt: Date.now() - 1 }],
    ['a grant that ran out as a Date', { expiresAt: new Date(0) }],
    ['a grant until NaN', { expiresAt: Number.NaN }],
    ['a grant until an invalid Date', { expiresAt: new Date('never') }],
  ])('refuses by %s with the same 403, whether the session exists or not', async (_, verdict) => {
    const { url, logs } = await startApp({ http: { authorize: () => verdict as boolean } });
    await logChat(logs, 'exists', 'secret');
    const known = await request(url).get('/logs/exists').expect(403);
    const unknown = await request(url).get('/logs/unknown').expect(403);
    expect(known.text).toBe(unknown.text);
    const headers = ({ date: _date, ...others }: Record<string, string>): unknown => others;
    expect(headers(known.headers)).toEqual(headers(unknown.headers));
    expect(logs.allSessionsInQueues).toEqual(['exists']);
  });

  it.each<[string, unknown]>([
    ['an empty list', []],
    ['a list', ['read']],
    ['a Date', new Date(2 ** 42)],
    ['a Map', new Map()],
    ['a promise of a promise in a list', [Promise.resolve(false)]],
    ['an object of a class', new (class Verdict {})()],
    ['an object that means no', { allowed: false }],
    ['a grant with a key that is none', { types: ['chat'], level: 'warn' }],
    ['a grant with types that are no list', { types: 'chat' }],
    ['a text', 'yes'],
    ['a function', () => true],
  ])('refuses by %s everywhere, and tells so once', async (_, verdict) => {
    const { url, logger } = await startApp({
      http: { history: true, list: typeof verdict !== 'function', authorize: () => verdict as boolean },
    });
    for (const path of ['/logs/chat-1', '/logs/chat-1/history']) await request(url).get(path).expect(403);
    await request(url)
      .get('/logs')
      .expect(typeof verdict === 'function' ? 404 : 403);
    expect(logger.warnings).toEqual([expect.stringContaining('neither true, false nor a grant')]);
  });

  it('refuses without a word by what is a plain no', async () => {
    for (const verdict of [false, undefined, null, { expiresAt: 0 }]) {
      const { url, logger } = await startApp({ http: { authorize: () => verdict as boolean } });
      await request(url).get('/logs/chat-1').expect(403);
      expect(logger.warnings).toEqual([]);
    }
  });

  it.each<[number, HttpException]>([
    [401, new UnauthorizedException('Log in first')],
    [403, new ForbiddenException('Not yours')],
    [410, new HttpException('Gone for good', 410)],
  ])('answers the %i that it throws as it is', async (status, exception) => {
    for (const authorize of [() => Promise.reject(exception), throwing(exception)]) {
      const { url, logs } = await startApp({ http: { authorize } });
      const { body } = await request(url).get('/logs/chat-1').expect(status);
      expect(body).toMatchObject({ message: exception.message });
      expect(logs.stats().sessions).toBe(0);
    }
  });

  it.each<[string, unknown]>([
    ['an error', new Error('The user service is away')],
    ['what is no error', 'away'],
  ])('that throws %s tells the client to come back, and the app goes on', async (_, thrown) => {
    for (const authorize of [() => Promise.reject(thrown), throwing(thrown)]) {
      const { url, logs, logger } = await startApp({ http: { authorize } });
      const stream = await EventStream.open(`${url}/logs/chat-1`);
      expect(stream.status).toBe(200);
      expect(stream.headers['content-type']).toBe('text/event-stream');
      const frames = await stream.rest();
      expect(frames).toEqual([{ retry: expect.any(Number) }]);
      expect(stream.over).toBe('ended');
      await EventStream.open(`${url}/logs/chat-1`);
      expect(logger.warnings).toEqual([expect.stringMatching(/failed in http\.authorize.*away/)]);
      expect(logs.stats()).toMatchObject({ sessions: 0, readers: 0 });
    }
  });

  it('sends clients away with retry times spread around the one of the options', async () => {
    const { url } = await startApp({ http: { retry: 1_000, authorize: throwing(new Error('away')) } });
    const times = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const [frame] = await (await EventStream.open(`${url}/logs/chat-1`)).rest();
        return (frame as { retry: number }).retry;
      }),
    );
    expect(times.every((time) => Number.isInteger(time) && time >= 500 && time <= 1_500)).toBe(true);
    expect(new Set(times).size).toBeGreaterThan(1);
  });

  it('that recovers lets an EventSource in that kept coming back', async () => {
    let asked = 0;
    const authorize = (): boolean => {
      if (++asked < 3) throw new Error('away');
      return true;
    };
    const { url, logs } = await startApp({ http: { authorize, retry: 2 } });
    await logChat(logs, 'chat-1', 'a');
    const client = new EventSourceClient(`${url}/logs/chat-1`);
    expect(await client.messages(1)).toEqual(['a']);
    expect(asked).toBe(3);
  });

  it('that refuses makes an EventSource give up', async () => {
    const { url } = await startApp({ http: { authorize: () => false, retry: 1 } });
    const client = new EventSourceClient(`${url}/logs/chat-1`);
    expect(await client.next('error')).toMatchObject({ code: 403 });
    expect(client.hasGivenUp).toBe(true);
  });

  it('decides on a client that has gone meanwhile without leaving a reader', async () => {
    const verdict = deferred<boolean>();
    const asked = deferred<Request>();
    const authorize = (asking: Request): Promise<boolean> => {
      asked.resolve(asking);
      return verdict.promise;
    };
    const { url, logs, logger } = await startApp({ http: { authorize } });
    const asking = get(`${url}/logs/chat-1`).on('error', () => {});
    const { socket } = await asked.promise;
    asking.destroy();
    await until(() => socket.destroyed);
    verdict.resolve(true);
    await request(url).get('/elsewhere').expect(404);
    expect(logs.stats()).toMatchObject({ sessions: 0, readers: 0 });
    expect(logger.errors).toEqual([]);
  });
});

describe('a grant with expiresAt', () => {
  it.each<[string, (time: number) => Date | number]>([
    ['a Date', (time) => new Date(time)],
    ['a number', (time) => time],
  ])('closes the stream then, given as %s', async (_, given) => {
    const authorize: Authorize = () => ({ expiresAt: given(Date.now() + 50) });
    const { url, logs } = await startApp({ http: { authorize } });
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    const frames = await stream.rest();
    expect(frames.at(-1)).toEqual({ retry: expect.any(Number) });
    expect(stream.over).toBe('ended');
    await until(() => logs.stats().readers === 0);
  });

  it('loses nothing for an EventSource that comes back and is let in again', async () => {
    let asked = 0;
    const authorize: Authorize = () => (++asked === 1 ? { expiresAt: Date.now() + 50 } : true);
    const { url, logs } = await startApp({ http: { authorize, retry: 1 } });
    const client = new EventSourceClient(`${url}/logs/chat-1`);
    await logChat(logs, 'chat-1', 'a');
    expect(await client.messages(1)).toEqual(['a']);
    await client.next('error');
    await logChat(logs, 'chat-1', 'b');
    expect(await client.messages(1)).toEqual(['b']);
    expect(asked).toBe(2);
  });

  it('beyond the longest timer keeps the stream open', async () => {
    const authorize: Authorize = () => ({ expiresAt: Date.now() + 2 ** 40 });
    const { url } = await startApp({ http: { authorize, heartbeat: 5 } });
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    const [retry, position, ...rest] = await stream.until(isComment);
    expect([retry, position, rest]).toMatchObject([
      { retry: 2_000 },
      { event: 'position' },
      [{ comment: '' }],
    ]);
  });
});

describe('with NODE_ENV=production', () => {
  class TokenGuard implements CanActivate {
    canActivate(context: ExecutionContext): boolean {
      return context.switchToHttp().getRequest<SessionRequest>().headers.authorization === 'Bearer t';
    }
  }

  beforeEach(() => {
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = 'production';
    onCleanUp(() => (process.env.NODE_ENV = before));
  });

  it('and nobody to decide, everybody gets 403, and one error at start says what to set', async () => {
    const { url, logs, logger } = await startApp();
    expect(logger.errors).toHaveLength(1);
    expect(logger.errors[0]).toMatch(/GET \/logs\/:sessionId.*403.*http\.guards.*http\.authorize.*'none'/);
    await logChat(logs, 'exists', 'secret');
    await request(url).get('/logs/exists').expect(403);
    await request(url).get('/logs/unknown').expect(403);
    expect(logs.allSessionsInQueues).toEqual(['exists']);
    expect(logger.errors).toHaveLength(1);
  });

  it.each<[string, SessionHttpOptions]>([
    ["authorize: 'none'", { authorize: 'none' }],
    ['an authorize function', { authorize: () => true }],
    ['a guard', { guards: [TokenGuard] }],
  ])('and %s the endpoint serves, and nothing is told', async (_, http) => {
    const { url, logger } = await startApp({ http });
    const stream = await EventStream.open(`${url}/logs/chat-1`, { Authorization: 'Bearer t' });
    expect(stream.status).toBe(200);
    await stream.until(isEvent('position'));
    expect(logger.errors).toEqual([]);
  });

  it('and no endpoint nothing is told', async () => {
    const { logger } = await startApp({ http: false });
    expect(logger.errors).toEqual([]);
  });

  it('guards still refuse', async () => {
    const { url } = await startApp({ http: { guards: [TokenGuard, new TokenGuard()] } });
    await request(url).get('/logs/chat-1').expect(403);
  });
});

describe('without NODE_ENV=production', () => {
  it('and nobody to decide everybody is let in', async () => {
    const { url, logger } = await startApp();
    expect((await EventStream.open(`${url}/logs/chat-1`)).status).toBe(200);
    expect(logger.errors).toEqual([]);
  });
});

function throwing(what: unknown): Authorize {
  return () => {
    throw what;
  };
}

it('tells the client to come back when the store fails', async () => {
  const store = new MemoryStore(resolveOptions().limits);
  store.open = () => {
    throw new Error('store is away');
  };
  const { url, logger } = await startApp({ store });
  const stream = await EventStream.open(`${url}/logs/chat-1`);
  expect(stream.status).toBe(200);
  expect(await stream.rest()).toEqual([{ retry: expect.any(Number) }]);
  expect(logger.warnings).toEqual([expect.stringContaining('store is away')]);
});
