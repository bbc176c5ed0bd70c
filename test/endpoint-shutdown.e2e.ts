import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import {
  Controller,
  Inject,
  Injectable,
  Param,
  Sse,
  type MessageEvent,
  type OnModuleDestroy,
} from '@nestjs/common';
import { SessionLoggerService } from 'nestjs-session-logger';
import type { Observable } from 'rxjs';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { EventSourceClient } from './support/event-source-client.js';
import { EventStream, isEntry, isEvent, messagesOf } from './support/event-stream.js';
import { heldVerdict } from './support/held-verdict.js';
import { logChat, startApp } from './support/test-app.js';
import { until } from './support/turns.js';

afterEach(cleanUp);

describe('closing the application', () => {
  it('ends 100 open streams in due form, the last frame of each a retry of its own', async () => {
    const { url, logs, close } = await startApp({ http: { retry: 1_000 } });
    const ids = Array.from({ length: 100 }, (_, n) => `chat-${n % 10}`);
    const streams = await Promise.all(ids.map((id) => EventStream.open(`${url}/logs/${id}`)));
    for (let n = 0; n < 10; n++) await logChat(logs, `chat-${n}`, 'hello');
    await Promise.all(streams.map((stream) => stream.until(isEntry)));
    await close();
    const rests = await Promise.all(streams.map((stream) => stream.rest()));
    expect(streams.map((stream) => stream.over)).toEqual(ids.map(() => 'ended'));
    const retries = rests.map((frames) => {
      expect(frames).toEqual([{ retry: expect.any(Number) }]);
      return (frames[0] as { retry: number }).retry;
    });
    expect(Math.min(...retries)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...retries)).toBeLessThanOrEqual(1_500);
    expect(new Set(retries).size).toBeGreaterThan(10);
    expect(logs.stats().readers).toBe(0);
  });

  it('does not wait for a client that does not read', async () => {
    const { url, logs, close } = await startApp();
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    await stream.until(isEvent('position'));
    stream.pause();
    // Far more than the kernel takes for a socket.
    for (let n = 0; n < 10; n++) await logChat(logs, 'chat-1', 'x'.repeat(2 ** 20));
    await close();
    expect(logs.stats().readers).toBe(0);
    stream.resume();
    await stream.rest();
    expect(stream.over).toBe('aborted');
  });

  it('sends a client away that asked before and is let in after', async () => {
    const { authorize, asked, give } = heldVerdict();
    const { app, url, logs, close } = await startApp({ http: { authorize } });
    const opening = EventStream.open(`${url}/logs/chat-1`);
    await asked;
    const closing = close();
    await until(() => !(app.getHttpServer() as Server).listening);
    give(true);
    const stream = await opening;
    expect(stream.status).toBe(200);
    expect(await stream.rest()).toEqual([{ retry: expect.any(Number) }]);
    await closing;
    expect(logs.stats().readers).toBe(0);
  });

  it.each(['', '?format=text'])('does not wait for what was asked behind another stream%s', async (query) => {
    const { port, logs, close } = await startApp();
    const socket = connect(port, '127.0.0.1');
    onCleanUp(() => socket.destroy());
    socket.write(`GET /logs/chat-1${query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`.repeat(3));
    await once(socket, 'data');
    await until(() => logs.stats().readers === 1);
    socket.destroy();
    await until(() => logs.stats().readers === 0);
    await close();
  });

  it('still delivers what was distributed before', async () => {
    const { url, logs, close } = await startApp();
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    await logChat(logs, 'chat-1', ...Array.from({ length: 2_000 }, (_, n) => String(n)));
    await close();
    const frames = await stream.rest();
    expect(messagesOf(frames)).toHaveLength(2_000);
    expect(frames.at(-1)).toEqual({ retry: expect.any(Number) });
  });

  it('delivers the last words of onModuleDestroy hooks, the end of a session too', async () => {
    @Injectable()
    class Agent implements OnModuleDestroy {
      constructor(@Inject(SessionLoggerService) private readonly logs: SessionLoggerService) {}

      async onModuleDestroy(): Promise<void> {
        await this.logs.logChunkToQueue('I have to go', 'chat-1');
        await this.logs.endSession('chat-1', { reason: 'cancelled' });
      }
    }
    const { url, close } = await startApp({}, { providers: [Agent] });
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    await stream.until(isEvent('position'));
    await close();
    const frames = await stream.rest();
    expect(messagesOf(frames)).toEqual(['I have to go']);
    expect(frames.at(-1)).toMatchObject({ event: 'end', data: { reason: 'cancelled' } });
  });

  it("does not wait for clients of a user's own @Sse() route", async () => {
    @Controller('mine')
    class MyController {
      constructor(@Inject(SessionLoggerService) private readonly logs: SessionLoggerService) {}

      @Sse(':id')
      mine(@Param('id') id: string): Observable<MessageEvent> {
        return this.logs.observeSession(id);
      }
    }
    const { url, logs, close } = await startApp({}, { controllers: [MyController] });
    const stream = await EventStream.open(`${url}/mine/chat-1`);
    await logChat(logs, 'chat-1', 'hello');
    await stream.until(isEntry);
    await close();
    await stream.rest();
    expect(stream.over).toBe('ended');
  });

  it('lets an EventSource try again', async () => {
    const { url, close } = await startApp();
    const client = new EventSourceClient(`${url}/logs/chat-1`);
    await client.next('position');
    await close();
    await client.next('error');
    expect(client.hasGivenUp).toBe(false);
  });
});
