import type { Server } from 'node:http';
import fc from 'fast-check';
import { ForbiddenException, type CanActivate } from '@nestjs/common';
import { cleanUp } from './support/clean-up.js';
import {
  EventStream,
  isEntry,
  isEvent,
  messagesOf,
  type EventFrame,
  type Frame,
} from './support/event-stream.js';
import { endSession, logChat, startApp, type TestApp } from './support/test-app.js';

afterEach(cleanUp);

async function open(app: TestApp, query: string, lastEventId?: string): Promise<EventStream> {
  const headers = lastEventId === undefined ? undefined : { 'Last-Event-ID': lastEventId };
  return EventStream.open(`${app.url}/logs/stream?${query}`, headers);
}

const isFramed = (frame: Frame): frame is EventFrame => 'data' in frame;

/** Two sessions were followed, of which `a` was deleted, as `told` says last. */
async function deletedWhileFollowed(): Promise<{ app: TestApp; told: EventFrame }> {
  const app = await startApp({ http: { retry: 1 } });
  await logChat(app.logs, 'a', 'old');
  await logChat(app.logs, 'b', '1');
  const stream = await open(app, 'sessions=a,b');
  await stream.entries(2);
  await app.logs.deleteSession('a');
  const rest = (await stream.rest()).filter(isFramed);
  expect(rest).toMatchObject([{ event: 'session-end', data: { sessionId: 'a', reason: 'deleted' } }]);
  return { app, told: rest[0]! };
}

describe('/logs/stream?sessions=', () => {
  it('sends the entries of several sessions, the end of each, and the end of all', async () => {
    const app = await startApp();
    await logChat(app.logs, 'a', '1', '2');
    await endSession(app.logs, 'a', { error: 'it broke' });
    await logChat(app.logs, 'b', '3');
    await logChat(app.logs, 'c', 'not asked for');
    const stream = await open(app, 'sessions=a,b&sessions=b');
    await stream.entries(3);
    await logChat(app.logs, 'b', '4');
    await stream.entries(1);
    await endSession(app.logs, 'b');
    const frames = (await stream.rest()).filter(isFramed);
    expect(frames.map(({ event, data }) => [event, data])).toEqual([
      ['session-end', { sessionId: 'b', reason: 'completed' }],
      ['end', { reason: 'completed' }],
    ]);
    const again = (await (await open(app, 'sessions=b,a')).rest()).filter(isFramed);
    expect(messagesOf(again).toSorted()).toEqual(['1', '2', '3', '4']);
    expect(again.filter(isEvent('session-end')).map(({ data }) => data)).toContainEqual({
      sessionId: 'a',
      reason: 'error',
      error: 'it broke',
    });
  });

  it('goes on behind every id exactly', async () => {
    const app = await startApp({ autoStart: false });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.boolean()),
        async (sessions, distributes) => {
          const run = `r${Math.random()}`;
          for (const [at, session] of sessions.entries()) {
            await app.logs.logChunkToQueue(`${session}${at}`, run + session);
            if (distributes.next().value) await app.logs.distribute({ finite: true });
          }
          for (const session of 'abc') await endSession(app.logs, run + session);
          const query = `sessions=${run}a,${run}b,${run}c`;
          const all = (await (await open(app, query)).rest()).filter(isFramed);
          for (const [at, { id }] of all.entries()) {
            const resumed = await open(app, query, id);
            const rest = (await resumed.rest()).filter(isFramed);
            const expected = all.slice(at + 1);
            if (!expected.some(isEntry)) continue;
            // Each session in its order: by which turns is free.
            for (const session of 'abc') {
              const ofSession = (frames: Frame[]): string[] =>
                messagesOf(frames).filter((message) => message.startsWith(session));
              expect(ofSession(rest)).toEqual(ofSession(expected));
            }
          }
          expect((await open(app, query, all.at(-1)!.id)).status).toBe(204);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('loses nothing and gives nothing twice, however often it is cut off', async () => {
    const app = await startApp({ http: { retry: 1 } });
    const told: string[] = [];
    let id: string | undefined;
    for (let count = 0; count < 30; count++) {
      await logChat(app.logs, count % 3 === 0 ? 'a' : 'b', `${count}`);
      const stream = await open(app, 'sessions=a,b', id);
      const [entry] = await stream.until(isEntry).then((frames) => frames.filter(isEntry));
      ({ id } = entry!);
      told.push((entry!.data as { message: string }).message);
      (app.app.getHttpServer() as Server).closeAllConnections();
    }
    expect(told).toEqual(Array.from({ length: 30 }, (_, count) => `${count}`));
  });

  it('begins a session that is new among the others at its beginning', async () => {
    const app = await startApp();
    await logChat(app.logs, 'a', '1');
    await logChat(app.logs, 'b', '2', '3');
    const first = await open(app, 'sessions=a');
    const entry = (await first.until(isEntry)).find(isEntry);
    first.close();
    await logChat(app.logs, 'a', '4');
    const frames = await open(app, 'sessions=b,a', entry!.id).then((stream) => stream.entries(3));
    expect(frames.map(({ message }) => message).toSorted()).toEqual(['2', '3', '4']);
  });

  it('begins with what is logged next with from=now, also where it comes back before that', async () => {
    const app = await startApp();
    await logChat(app.logs, 'a', '1');
    const first = await open(app, 'sessions=a,b&from=now');
    const position = (await first.until(isEvent('position'))).find(isFramed);
    first.close();
    await logChat(app.logs, 'b', '2');
    const [entry] = await open(app, 'sessions=a,b&from=now', position!.id).then((stream) =>
      stream.entries(1),
    );
    expect(entry!.message).toBe('2');
  });

  it('tells a gap of the session that has it', async () => {
    const app = await startApp({ limits: { sessionEntries: 2 } });
    await logChat(app.logs, 'a', '1');
    await logChat(app.logs, 'b', '2');
    const first = await open(app, 'sessions=a,b');
    const { id } = (await first.until(isEntry)).find(isEntry)!;
    await first.entries(1);
    first.close();
    await logChat(app.logs, 'a', '3', '4', '5');
    await logChat(app.logs, 'b', '6');
    const stream = await open(app, 'sessions=a,b', id);
    const gap = (await stream.until(isEvent('gap'))).find(isEvent('gap'))!;
    expect(gap.data).toMatchObject({ sessionId: 'a', reason: 'evicted', missed: 1 });
    const lost = await open(app, 'sessions=a,b', 'nonsense');
    const isGap = isEvent('gap');
    const gaps = [...(await lost.until(isGap)), ...(await lost.until(isGap))].filter(isGap);
    expect(gaps.map(({ data }) => (data as { sessionId: string }).sessionId).toSorted()).toEqual(['a', 'b']);
  });

  it('asks for each session whether the client may, and shows alone what it may see', async () => {
    const asked: string[] = [];
    const app = await startApp({
      http: {
        authorize: (_, sessionId, action) => {
          asked.push(`${action} ${sessionId}`);
          if (sessionId === 'c') throw new ForbiddenException();
          return sessionId === 'a' ? { types: ['log'] } : true;
        },
      },
    });
    await logChat(app.logs, 'a', 'secret');
    await logChat(app.logs, 'b', 'shown');
    for (const session of 'ab') await endSession(app.logs, session);
    const frames = await (await open(app, 'sessions=a,b')).rest();
    expect(messagesOf(frames)).toEqual(['shown']);
    expect((await open(app, 'sessions=a,b', frames.findLast(isFramed)!.id)).status).toBe(204);
    expect((await open(app, 'sessions=a,c')).status).toBe(403);
    expect(asked).toEqual(expect.arrayContaining(['read a', 'read b', 'read c']));
    expect(app.logs.stats().readers).toBe(0);
  });

  it('lets nobody in by guards alone, which are not asked for each session', async () => {
    class OwnerGuard implements CanActivate {
      canActivate(): boolean {
        return true;
      }
    }
    const guarded = await startApp({ http: { guards: [OwnerGuard] } });
    await logChat(guarded.logs, 'a', 'secret');
    expect((await open(guarded, 'sessions=a')).status).toBe(403);
    expect(guarded.logger.warnings.join()).toContain('http.authorize, which is asked for each');
    const opened = await startApp({ http: { guards: [OwnerGuard], authorize: 'none' } });
    await logChat(opened.logs, 'a', 'shown');
    expect(await (await open(opened, 'sessions=a')).entries(1)).toMatchObject([{ message: 'shown' }]);
  });

  it.each([
    ['sessions=', 'separated by commas'],
    ['sessions=a,,b', 'separated by commas'],
    ['sessions=a b', 'separated by commas'],
    [`sessions=${Array.from({ length: 51 }, (_, at) => at).join()}`, '50 at the most'],
    ['sessions=a&from=e-1', 'from must be start or now'],
    ['sessions=a&type=all', 'type must be'],
    ['sessions=a&view=segments', 'view and format must be left out'],
    ['sessions=a&format=text', 'view and format must be left out'],
  ])('refuses %s', async (query, message) => {
    const app = await startApp();
    const response = await fetch(`${app.url}/logs/stream?${query}`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(message);
  });

  it('opens all or none', async () => {
    const app = await startApp({ limits: { readers: 2 } });
    const stream = await open(app, 'sessions=a,b,c');
    expect(await stream.rest()).toEqual([{ retry: expect.any(Number) as number }]);
    expect(app.logs.stats().readers).toBe(0);
    await (await open(app, 'sessions=a,b')).until(isEvent('position'));
  });

  it('is no hindrance to a session of that name, or nearly so', async () => {
    const asked: string[] = [];
    const authorize = (_: unknown, sessionId: string): boolean => asked.push(sessionId) > 0;
    const app = await startApp({ http: { authorize } });
    for (const name of ['stream', 'Stream']) {
      await logChat(app.logs, name, `of ${name}`);
      for (const url of [`${name}?type=chat`, `${name}/?type=chat`]) {
        const stream = await EventStream.open(`${app.url}/logs/${url}`);
        if (stream.status !== 404) expect(await stream.entries(1)).toMatchObject([{ message: `of ${name}` }]);
      }
    }
    const encoded = await EventStream.open(`${app.url}/logs/%73tream?type=chat`);
    expect(await encoded.entries(1)).toMatchObject([{ message: 'of stream' }]);
    await logChat(app.logs, 'a', '1');
    const stream = await EventStream.open(`${app.url}/logs/Stream?sessions=a`);
    expect(await stream.entries(1)).toMatchObject([{ message: 'of Stream' }]);
    expect(new Set(asked)).toEqual(new Set(['stream', 'Stream']));
  });

  it('goes on with a session that was deleted and is logged to anew', async () => {
    const { app, told } = await deletedWhileFollowed();
    await logChat(app.logs, 'a', 'new');
    await logChat(app.logs, 'b', '2');
    for (const query of ['sessions=a,b', 'sessions=a,b&from=now']) {
      const again = await open(app, query, told.id);
      const frames = await again.until((frame) => isEntry(frame) && messagesOf([frame])[0] === 'new');
      expect(messagesOf(frames)).toContain('new');
      expect(frames.filter(isEvent('gap'))).toEqual([]);
      again.close();
    }
  });

  it('ends with the others where one was deleted, and has nothing of it for who comes back', async () => {
    const { app, told } = await deletedWhileFollowed();
    const again = await open(app, 'sessions=a,b', told.id);
    await again.until(isEvent('position'));
    await endSession(app.logs, 'b');
    const rest = (await again.rest()).filter(isFramed);
    expect(rest.map(({ event }) => event)).toEqual(['session-end']);
    expect((await open(app, 'sessions=a,b', rest.at(-1)!.id)).status).toBe(204);
    expect((await open(app, 'sessions=a', told.id)).status).toBe(204);
    // Not distributed by then.
    await app.logs.logChunkToQueue('new', 'a');
    expect(messagesOf(await (await open(app, 'sessions=a,b', rest.at(-1)!.id)).until(isEntry))).toEqual([
      'new',
    ]);
  });
});
