import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SessionGrant, SessionRequest } from 'nestjs-session-logger';
import { cleanUp } from '../support/clean-up.js';
import { EventStream, messagesOf } from '../support/event-stream.js';
import { logChat, startApp, type TestApp } from '../support/test-app.js';

const SECRET = 'of the server';
const HOUR = 3_600_000;

interface Ticket {
  readonly user: string;
  readonly expiresAt: number;
}

const sign = (body: string): string => createHmac('sha256', SECRET).update(body).digest('base64url');

function ticket(user: string, expiresAt = Date.now() + HOUR): string {
  const body = Buffer.from(JSON.stringify({ user, expiresAt } satisfies Ticket)).toString('base64url');
  return `${body}.${sign(body)}`;
}

function readTicket({ headers }: SessionRequest): Ticket | undefined {
  const [body = '', signature = ''] = (headers.authorization ?? '').replace('Bearer ', '').split('.');
  const [given, wanted] = [Buffer.from(signature), Buffer.from(sign(body))];
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  return JSON.parse(Buffer.from(body, 'base64url').toString()) as Ticket;
}

afterEach(cleanUp);

/** Every endpoint, for whoever has a ticket that is signed, in time and not revoked, on sessions of their own. */
async function start(): Promise<TestApp & { revoked: Set<string> }> {
  const revoked = new Set<string>();
  const app = await startApp({
    http: {
      list: true,
      history: true,
      write: true,
      cancel: true,
      delete: true,
      authorize: (request, sessionId, action): SessionGrant | boolean | ((id: string) => boolean) => {
        const found = readTicket(request);
        if (found === undefined || revoked.has(found.user)) return false;
        const isOwn = (id: string): boolean => id.startsWith(`${found.user}-`);
        if (action === 'list') return found.expiresAt > Date.now() && isOwn;
        return isOwn(sessionId) && { expiresAt: found.expiresAt };
      },
    },
  });
  await logChat(app.logs, 'alice-1', 'a', 'b');
  return { ...app, revoked };
}

const ENDPOINTS = [
  ['GET', '/logs/alice-1'],
  ['GET', '/logs/alice-1/history'],
  ['GET', '/logs'],
  ['POST', '/logs/alice-1'],
  ['POST', '/logs/alice-1/cancel'],
  ['DELETE', '/logs/alice-1'],
] as const;

/** How each endpoint answers to a ticket. */
async function statuses(url: string, authorization?: string): Promise<number[]> {
  const answers: number[] = [];
  for (const [method, path] of ENDPOINTS) {
    const abort = new AbortController();
    const answer = await fetch(url + path, {
      method,
      signal: abort.signal,
      headers: {
        ...(method === 'POST' && { 'content-type': 'application/json' }),
        ...(authorization && { authorization }),
      },
      ...(method === 'POST' && { body: '{"message":"forged"}' }),
    });
    answers.push(answer.status);
    abort.abort();
  }
  return answers;
}

const ALL_REFUSED = ENDPOINTS.map(() => 403);

describe('access that is', () => {
  it.each([
    ['missing', undefined],
    ['forged', `Bearer ${ticket('alice').split('.')[0]}.${sign('another')}`],
    ['signed for another', `Bearer ${ticket('bob')}`],
    [
      'changed after it was signed',
      `Bearer ${Buffer.from('{"user":"alice","expiresAt":9e15}').toString('base64url')}.${ticket('bob').split('.')[1]}`,
    ],
    ['expired', `Bearer ${ticket('alice', Date.now() - 1)}`],
    ['expired at a time that is none', `Bearer ${ticket('alice', Number.NaN)}`],
  ])('%s is refused everywhere, and does nothing', async (name, authorization) => {
    const { url, logs } = await start();
    const expected = name === 'signed for another' ? [403, 403, 200, 403, 403, 403] : ALL_REFUSED;
    expect(await statuses(url, authorization)).toEqual(expected);
    const { records } = await logs.getSessionHistory('alice-1');
    expect(records).toMatchObject([{ message: 'a' }, { message: 'b' }]);
    const { sessions } = await logs.listSessions();
    expect(sessions.map(({ sessionId }) => sessionId)).toEqual(['alice-1']);
  });

  it('revoked is refused from the next request on: a stream that was cut cannot go on', async () => {
    const { url, logs, revoked } = await start();
    const headers = { authorization: `Bearer ${ticket('alice')}` };
    const stream = await EventStream.open(`${url}/logs/alice-1`, headers);
    const entries = await stream.entries(2);
    stream.close();
    revoked.add('alice');
    const again = await EventStream.open(`${url}/logs/alice-1`, {
      ...headers,
      'last-event-id': entries[1]!.id!,
    });
    expect(again.status).toBe(403);
    expect(await statuses(url, headers.authorization)).toEqual(ALL_REFUSED);
    revoked.delete('alice');
    await logChat(logs, 'alice-1', 'c');
    const back = await EventStream.open(`${url}/logs/alice-1`, {
      ...headers,
      'last-event-id': entries[1]!.id!,
    });
    expect((await back.entries(1)).map(({ message }) => message)).toEqual(['c']);
  });

  it('expiring ends the stream, which then tells nothing more, and cannot be resumed', async () => {
    const { url, logs } = await start();
    const headers = { authorization: `Bearer ${ticket('alice', Date.now() + 300)}` };
    const stream = await EventStream.open(`${url}/logs/alice-1`, headers);
    const frames = await stream.rest();
    expect(stream.over).toBe('ended');
    expect(messagesOf(frames)).toEqual(['a', 'b']);
    await logChat(logs, 'alice-1', 'too late');
    const again = await EventStream.open(`${url}/logs/alice-1`, headers);
    expect(again.status).toBe(403);
  });

  it('good is let in everywhere', async () => {
    const { url } = await start();
    expect(await statuses(url, `Bearer ${ticket('alice')}`)).toEqual([200, 200, 200, 202, 204, 204]);
  });
});
