import { createServer, type RequestListener, type Server } from 'node:http';
import { Controller, ForbiddenException, Get, Sse, type MessageEvent } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { SessionLoggerService } from 'nestjs-session-logger';
import { openEventStream, SessionLoggerTestingModule } from 'nestjs-session-logger/testing';
import { of, type Observable } from 'rxjs';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { PLATFORM, platformAdapter } from './support/platform.js';
import { logChat, startApp } from './support/test-app.js';

afterEach(cleanUp);

@Controller('own')
class OwnController {
  @Sse('events')
  events(): Observable<MessageEvent> {
    return of({ type: 'hello', id: '7', data: 'plain' }, { data: { a: 1 } });
  }

  @Get('text')
  text(): string {
    return 'a page';
  }
}

describe('openEventStream', () => {
  it('follows a session live, and resumes it where it was', async () => {
    const { app, logs } = await startApp();
    const stream = await openEventStream(app.getHttpServer() as Server, '/logs/s');
    expect(stream.headers['content-type']).toBe('text/event-stream');
    await logChat(logs, 's', 'Hel', 'lo');
    const { text, entries } = await stream.collect({ until: 2 });
    expect([text, stream.lastEventId]).toEqual(['Hello', entries[1]!.id]);
    stream.close();
    expect(await stream.next()).toBeUndefined();

    await logChat(logs, 's', ' there');
    await logs.endSession('s');
    const { lastEventId } = stream;
    const next = await openEventStream(app.getHttpServer() as Server, '/logs/s', { lastEventId });
    expect(await next.collect()).toMatchObject({ text: ' there', end: { reason: 'completed' }, gaps: [] });
    expect(await next.next()).toBeUndefined();
  });

  it('tells gaps and ends, and gives what follows to the next call', async () => {
    const { url, logs } = await startApp({ limits: { sessionEntries: 4 } });
    await logChat(logs, 's', 'a', 'b', 'c');
    await logs.endSession('s', { error: 'it broke' });
    const stream = await openEventStream(url, '/logs/s', { lastEventId: 'elsewhere-1' });
    expect(await stream.collect({ until: ({ message }) => message === 'b' })).toMatchObject({
      text: 'ab',
      gaps: [{ reason: 'epoch' }],
    });
    expect(await stream.collect()).toMatchObject({ text: 'c', end: { reason: 'error', error: 'it broke' } });
  });

  it('gives the events of any stream, as they were sent', async () => {
    const { app } = await startApp({}, { controllers: [OwnController] });
    const events = [];
    for await (const event of await openEventStream(app.getHttpServer() as Server, '/own/events'))
      events.push(event);
    expect(events).toEqual([
      { event: 'hello', id: '7', data: 'plain' },
      { event: 'message', id: expect.any(String) as string, data: '{"a":1}' },
    ]);
  });

  it('makes an application listen that does not, for any number of streams, until it is closed', async () => {
    const module = await Test.createTestingModule({
      imports: [SessionLoggerTestingModule.forRoot()],
    }).compile();
    const app = module.createNestApplication(platformAdapter(), { logger: false });
    await app.init();
    if (PLATFORM === 'fastify')
      await (app.getHttpAdapter().getInstance() as { ready(): Promise<void> }).ready();
    const server = app.getHttpServer() as Server;
    const streams = await Promise.all(['a', 'b', 'c'].map((id) => openEventStream(server, `/logs/${id}`)));
    const logs = app.get(SessionLoggerService);
    for (const id of ['a', 'b', 'c']) await logChat(logs, id, id);
    const texts = streams.map(async (stream) => (await stream.collect({ until: 1 })).text);
    expect(await Promise.all(texts)).toEqual(['a', 'b', 'c']);
    // Also with what nobody has read yet.
    await logChat(logs, 'a', 'unread');
    await app.close();
    expect(server.listening).toBe(false);
    expect((await streams[0]!.collect({ until: 1 })).text).toBe('unread');
    expect(await streams[1]!.next()).toBeUndefined();
  });

  it('holds the server up where it is not asked for more', async () => {
    const { url, logs } = await startApp({ http: { writeTimeout: false }, limits: { sessionEntries: 100 } });
    const stream = await openEventStream(url, '/logs/s');
    const large = 'x'.repeat(100_000);
    for (let count = 0; count < 400; count++) await logChat(logs, 's', large);
    const { entries, gaps } = await stream.collect({ until: 100 });
    expect(entries).toHaveLength(100);
    expect(gaps).toMatchObject([{ reason: 'evicted' }]);
    stream.close();
  });

  it('sends the headers that it is given, and says what was answered that is no stream', async () => {
    const authorize = ({ headers }: { headers: Record<string, unknown> }): boolean => {
      if (headers['cookie'] !== 'me=1') throw new ForbiddenException('not yours');
      return true;
    };
    const { url } = await startApp({ http: { authorize } }, { controllers: [OwnController] });
    (await openEventStream(url, '/logs/s', { headers: { cookie: 'me=1' } })).close();
    await expect(openEventStream(url, '/logs/s')).rejects.toMatchObject({
      code: 'NOT_RECEIVED',
      message: expect.stringMatching(
        /\/logs\/s was answered 403 application\/json.*not yours.*expected 200/,
      ) as string,
      details: { status: 403, body: expect.stringContaining('not yours') as string },
    });
    await expect(openEventStream(url, '/own/text')).rejects.toMatchObject({
      details: { status: 200, body: 'a page' },
    });
  });

  it('says what came where the rest does not come', async () => {
    const { url, logs } = await startApp();
    const stream = await openEventStream(url, '/logs/s', { timeout: 500 });
    await logChat(logs, 's', 'a');
    await expect(stream.collect()).rejects.toMatchObject({
      code: 'NOT_RECEIVED',
      message: expect.stringMatching(
        /500 ms were over; it sent the event \S+-1 last\. This call received "a" \(1\); expected the end/,
      ) as string,
      details: { collected: { text: 'a' } },
    });
    const silent = await openEventStream(url, '/logs/s', { lastEventId: stream.lastEventId!, timeout: 500 });
    expect(await silent.next()).toMatchObject({ event: 'position' });
    await expect(silent.next()).rejects.toThrow(/had not sent an event when 500 ms were over/);
  });

  it('says so where the stream is over too early, breaks, or is not JSON', async () => {
    const { url, logs } = await startApp({}, { controllers: [OwnController] });
    await logChat(logs, 's', 'a');
    await logs.endSession('s');
    await expect((await openEventStream(url, '/logs/s')).collect({ until: 2 })).rejects.toThrow(
      /the stream was over/,
    );
    await expect((await openEventStream(url, '/own/events')).collect()).rejects.toThrow(
      /sent plain; expected JSON/,
    );
    const broken = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('id: 1\ndata: {}\n\n', () => response.destroy());
    });
    const stream = await openEventStream(broken, '/');
    expect(await stream.next()).toEqual({ event: 'message', id: '1', data: '{}' });
    await expect(stream.next()).rejects.toThrow(/the connection broke .*; it sent the event 1 last/);
  });

  it('says so where nobody answers', async () => {
    const silent = await serve(() => {});
    await expect(openEventStream(silent, '/logs/s', { timeout: 30 })).rejects.toMatchObject({
      code: 'NOT_RECEIVED',
      message: expect.stringMatching(/was not answered: no answer in time/) as string,
    });
    await expect(openEventStream('http://127.0.0.1:1', '/')).rejects.toThrow(/127.0.0.1:1 was not answered/);
  });

  it('is closed by `using`, which frees its reader', async () => {
    const { url, logs } = await startApp();
    {
      using stream = await openEventStream(url, '/logs/s');
      await logChat(logs, 's', 'a');
      await stream.collect({ until: 1 });
      expect(logs.stats().readers).toBe(1);
    }
    const again = await openEventStream(url, '/logs/s');
    for await (const event of again) {
      expect(event.event).toBe('position');
      break;
    }
    expect(await again.next()).toBeUndefined();
  });
});

/** A server that is no Nest application. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  onCleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}
