import type { SessionGrant, SessionLoggerService } from 'nestjs-session-logger';
import request from 'supertest';
import { cleanUp } from './support/clean-up.js';
import { EventSourceClient } from './support/event-source-client.js';
import { EventStream, isComment, isEvent, messagesOf, type EventFrame } from './support/event-stream.js';
import { endSession, logChat, startApp } from './support/test-app.js';
import { until } from './support/turns.js';

afterEach(cleanUp);

const LEVELS = ['verbose', 'debug', 'log', 'warn', 'error', 'fatal'] as const;

/** Logs `chat`, a log entry of every level by its name, and `plain`, a log entry without a level. */
async function logOneOfEach(logs: SessionLoggerService, sessionId: string): Promise<void> {
  await logs.logChunkToQueue('chat', sessionId);
  for (const level of LEVELS) {
    await logs.logEntryToQueue({ sessionId, message: level, logType: 'log', level });
  }
  await logs.logEntryToQueue({ sessionId, message: 'plain', logType: 'log' });
  await logs.distribute({ finite: true });
}

async function logLine(logs: SessionLoggerService, sessionId: string): Promise<void> {
  await logs.logEntryToQueue({ sessionId, message: 'line', logType: 'log' });
  await logs.distribute({ finite: true });
}

describe('the filters of a client', () => {
  it.each([
    ['?type=chat', ['chat']],
    ['?type=log', [...LEVELS, 'plain']],
    ['?level=verbose', ['chat', ...LEVELS, 'plain']],
    ['?level=log', ['chat', 'log', 'warn', 'error', 'fatal', 'plain']],
    ['?level=warn', ['chat', 'warn', 'error', 'fatal']],
    ['?type=log&level=fatal', ['fatal']],
    ['?type=chat&level=fatal', ['chat']],
  ])('let through of history what %s asks for', async (query, expected) => {
    const { url, logs } = await startApp();
    await logOneOfEach(logs, 'chat-1');
    await endSession(logs, 'chat-1');
    const frames = await (await EventStream.open(`${url}/logs/chat-1${query}`)).rest();
    expect(messagesOf(frames)).toEqual(expected);
    expect(frames.at(-1)).toMatchObject({ event: 'end', id: expect.stringMatching(/-9$/) });
  });

  it('let through live what was asked for', async () => {
    const { url, logs } = await startApp();
    const stream = await EventStream.open(`${url}/logs/chat-1?type=log&level=error`);
    await stream.until(isEvent('position'));
    await logOneOfEach(logs, 'chat-1');
    await endSession(logs, 'chat-1');
    expect(messagesOf(await stream.rest())).toEqual(['error', 'fatal']);
  });

  it.each([
    ['type=', 'type'],
    ['type=Chat', 'type'],
    ['type=chat&type=log', 'type'],
    ['level=', 'level'],
    ['level=info', 'level'],
    ['level=3', 'level'],
  ])('are refused with 400 for %s, and no session is made', async (query, field) => {
    const { url, logs } = await startApp();
    const { body } = await request(url).get(`/logs/chat-1?${query}`).expect(400);
    expect(body).toMatchObject({ message: [expect.stringContaining(`${field} must be one of`)] });
    expect(logs.stats().sessions).toBe(0);
  });

  it('leave unknown parameters alone', async () => {
    const { url } = await startApp();
    const stream = await EventStream.open(`${url}/logs/chat-1?token=abc`);
    expect(stream.status).toBe(200);
  });
});

describe('a grant of http.authorize, whatever the client asks for', () => {
  const narrowed = async (grant: SessionGrant, query = ''): Promise<string[]> => {
    const { url, logs } = await startApp({ http: { authorize: () => grant } });
    await logOneOfEach(logs, 'chat-1');
    await endSession(logs, 'chat-1');
    return messagesOf(await (await EventStream.open(`${url}/logs/chat-1${query}`)).rest());
  };

  it('shows everything when it is empty', async () => {
    expect(await narrowed({})).toEqual(['chat', ...LEVELS, 'plain']);
  });

  it('shows its types alone', async () => {
    expect(await narrowed({ types: ['chat'] })).toEqual(['chat']);
    expect(await narrowed({ types: ['chat'] }, '?type=log')).toEqual([]);
    expect(await narrowed({ types: [] })).toEqual([]);
  });

  it('shows its minLevel and above alone', async () => {
    expect(await narrowed({ minLevel: 'error' }, '?level=verbose')).toEqual(['chat', 'error', 'fatal']);
    expect(await narrowed({ minLevel: 'verbose' }, '?level=error')).toEqual(['chat', 'error', 'fatal']);
  });
});

describe('what a filter leaves out', () => {
  it("moves the client's position on silence", async () => {
    const { url, logs } = await startApp({ http: { heartbeat: 5 } });
    const stream = await EventStream.open(`${url}/logs/chat-1?type=chat`);
    await stream.until(isComment);
    await logLine(logs, 'chat-1');
    const frames = await stream.until(isEvent('position'));
    expect((frames.at(-1) as EventFrame).id).toMatch(/-1$/);
  });

  it('moves it once, then silence is comments again', async () => {
    const { url, logs } = await startApp({ http: { heartbeat: 5 } });
    const stream = await EventStream.open(`${url}/logs/chat-1?type=chat`);
    await stream.until(isComment);
    await logLine(logs, 'chat-1');
    await stream.until(isEvent('position'));
    expect(isComment((await stream.next())!)).toBe(true);
  });

  it('moves it from history too', async () => {
    const { url, logs } = await startApp({ http: { heartbeat: 5 } });
    await logLine(logs, 'chat-1');
    const stream = await EventStream.open(`${url}/logs/chat-1?type=chat`);
    const [, first, second] = await stream.until(
      (frame) => isEvent('position')(frame) && frame.id!.endsWith('-1'),
    );
    expect(first).toMatchObject({ event: 'position', id: expect.stringMatching(/-0$/) });
    expect(second).toMatchObject({ event: 'position', data: {} });
  });

  it('moves it before the application closes the stream', async () => {
    const { url, logs, close } = await startApp();
    const stream = await EventStream.open(`${url}/logs/chat-1?type=chat`);
    await stream.until(isEvent('position'));
    await logLine(logs, 'chat-1');
    await close();
    expect(await stream.rest()).toEqual([
      { event: 'position', id: expect.stringMatching(/-1$/), data: {} },
      { retry: expect.any(Number) },
    ]);
  });

  it('moves it before the grant runs out', async () => {
    const authorize = (): SessionGrant => ({ types: ['chat'], expiresAt: Date.now() + 100 });
    const { url, logs } = await startApp({ http: { authorize } });
    await logLine(logs, 'chat-1');
    const frames = await (await EventStream.open(`${url}/logs/chat-1`)).rest();
    expect(frames.slice(-2)).toEqual([
      { event: 'position', id: expect.stringMatching(/-1$/), data: {} },
      { retry: expect.any(Number) },
    ]);
  });

  it('is not told again by a position when an entry after it got through', async () => {
    const { url, logs, close } = await startApp();
    const stream = await EventStream.open(`${url}/logs/chat-1?type=chat`);
    await stream.until(isEvent('position'));
    await logLine(logs, 'chat-1');
    await logChat(logs, 'chat-1', 'shown');
    await close();
    expect(await stream.rest()).toMatchObject([
      { data: { message: 'shown' } },
      { retry: expect.any(Number) },
    ]);
  });

  it('is not read again by an EventSource that comes back', async () => {
    const { app, url, logs } = await startApp({ http: { heartbeat: 5, retry: 1 } });
    const client = new EventSourceClient(`${url}/logs/chat-1?type=chat`);
    await client.next('position');
    await logLine(logs, 'chat-1');
    const moved = await client.next('position');
    (app.getHttpServer() as { closeAllConnections(): void }).closeAllConnections();
    expect((await client.next('position')).lastEventId).toBe(moved.lastEventId);
    await until(() => logs.stats().readers === 1);
  });
});
