import fastifyCompress from '@fastify/compress';
import { Controller, Get, type INestApplication } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import compression from 'compression';
import request from 'supertest';
import { cleanUp } from './support/clean-up.js';
import { EventStream, isEvent } from './support/event-stream.js';
import { PLATFORM } from './support/platform.js';
import { endSession, logChat, startApp, type TestApp } from './support/test-app.js';

afterEach(cleanUp);

const ACCEPTS = { 'Accept-Encoding': 'gzip, deflate, br' };

/** Tells that compression is at work. */
@Controller('large')
class LargeController {
  @Get()
  large(): object {
    return { text: 'x'.repeat(100_000) };
  }
}

/** Compression of all that is answered, as its documentation has it, and as eager as it can be. */
async function compress(app: INestApplication): Promise<void> {
  if (PLATFORM === 'fastify') {
    const fastify = (app as NestFastifyApplication).getHttpAdapter().getInstance();
    await fastify.register(fastifyCompress as never, { global: true, threshold: 0, customTypes: /.*/ });
    return;
  }
  app.use(compression({ threshold: 0, filter: () => true }));
}

const start = (): Promise<TestApp> =>
  startApp(
    { http: { list: true, history: true, write: true } },
    { controllers: [LargeController], configure: compress },
  );

describe('with compression of all answers', () => {
  it('other answers are compressed', async () => {
    const { url } = await start();
    const { headers } = await request(url).get('/large').set(ACCEPTS).expect(200);
    expect(headers['content-encoding']).toMatch(/^(br|gzip|deflate)$/);
  });

  it('a stream is not, and arrives event by event', async () => {
    const { url, logs } = await start();
    const stream = await EventStream.open(`${url}/logs/chat-1`, ACCEPTS);
    expect(stream.headers).not.toHaveProperty('content-encoding');
    await stream.until(isEvent('position'));
    for (let n = 1; n <= 20; n++) {
      await logChat(logs, 'chat-1', `message ${n}`);
      expect(await stream.entries(1)).toEqual([expect.objectContaining({ message: `message ${n}` })]);
    }
    await endSession(logs, 'chat-1');
    expect((await stream.rest()).at(-1)).toMatchObject({ event: 'end' });
    expect(stream.over).toBe('ended');
  });

  it('a stream resumes, and is answered 204 at its end', async () => {
    const { url, logs } = await start();
    await logChat(logs, 'chat-1', 'a', 'b');
    await endSession(logs, 'chat-1');
    const stream = await EventStream.open(`${url}/logs/chat-1`, ACCEPTS);
    const [first] = await stream.entries(1);
    const again = await EventStream.open(`${url}/logs/chat-1`, { ...ACCEPTS, 'Last-Event-ID': first!.id! });
    expect(await again.entries(1)).toEqual([expect.objectContaining({ message: 'b' })]);
    const { id: end } = (await again.until(isEvent('end'))).at(-1) as { id: string };
    await request(url).get('/logs/chat-1').set(ACCEPTS).set('Last-Event-ID', end).expect(204);
  });

  it('the other endpoints answer as ever', async () => {
    const { url, logs } = await start();
    await request(url).post('/logs/chat-1').set(ACCEPTS).send({ message: 'a' }).expect(202, { accepted: 1 });
    await logs.distribute({ finite: true });
    const list = await request(url).get('/logs').set(ACCEPTS).expect(200);
    expect(list.body).toMatchObject({ sessions: [{ sessionId: 'chat-1' }] });
    const history = await request(url).get('/logs/chat-1/history').set(ACCEPTS).buffer(true).expect(200);
    expect(history.text).toContain('"message":"a"');
  });
});
