import { once } from 'node:events';
import { connect, constants, createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { get, type RequestOptions } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import express from 'express';
import createHttp2Express from 'http2-express';
import { SessionLoggerModule, SessionLoggerService, type Authorize } from 'nestjs-session-logger';
import { selfSigned } from './support/certificate.js';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { describeWith } from './support/describe-with.js';
import { Http2Stream } from './support/http2-stream.js';
import { endSession, logChat } from './support/test-app.js';
import { deferred } from './support/turns.js';

afterEach(cleanUp);

interface Started {
  app: INestApplication;
  logs: SessionLoggerService;
  port: number;
}

async function start(adapter: AbstractHttpAdapter, authorize: Authorize = () => true): Promise<Started> {
  @Module({ imports: [SessionLoggerModule.forRoot({ files: false, http: { list: true, authorize } })] })
  class AppModule {}
  const app = await NestFactory.create(AppModule, adapter, { logger: false });
  onCleanUp(() => app.close());
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();
  return { app, logs: app.get(SessionLoggerService), port };
}

/** Logs three messages, each once the one before has arrived, and ends the session. */
async function expectEventByEvent(stream: Http2Stream, logs: SessionLoggerService): Promise<void> {
  expect(stream.headers).toMatchObject({ ':status': 200, 'content-type': 'text/event-stream' });
  // Headers of a connection are none of HTTP/2's.
  expect(stream.headers).not.toHaveProperty('connection');
  for (const message of ['a', 'b', 'c']) {
    await logChat(logs, 'chat-1', message);
    await stream.message(message);
  }
  await endSession(logs, 'chat-1');
  expect(await stream.rest()).toMatch(/^event: end$/m);
}

describeWith('openssl', 'apt-get install openssl')('a stream over HTTP/2', () => {
  it('arrives event by event from Fastify', async () => {
    const { logs, port } = await start(new FastifyAdapter({ http2: true }));
    await expectEventByEvent(await Http2Stream.open(`http://127.0.0.1:${port}/logs/chat-1`), logs);
  });

  it('arrives event by event from Fastify with TLS, which also serves HTTP/1.1', async () => {
    const { key, cert } = selfSigned();
    const { logs, port } = await start(
      new FastifyAdapter({ http2: true, https: { allowHTTP1: true, key, cert } }),
    );
    const url = `https://127.0.0.1:${port}/logs/chat-1`;
    await expectEventByEvent(await Http2Stream.open(url, {}, { ca: cert }), logs);
    expect(await textOf(url, { ca: cert })).toMatch(/"message":"a"[^]*"message":"c"[^]*event: end/);
  });

  it('arrives event by event from Express, where http2-express fits it to HTTP/2', async () => {
    const { key, cert } = selfSigned();
    const handler = createHttp2Express(express);
    const { logs } = await start(new ExpressAdapter(handler));
    const server = createSecureServer({ key, cert }, handler as never);
    onCleanUp(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const stream = await Http2Stream.open(`https://127.0.0.1:${port}/logs/chat-1`, {}, { ca: cert });
    await expectEventByEvent(stream, logs);
  });

  it.each(['', '?view=segments', '?format=text', '?format=ui-message'])(
    'leaves no reader behind where its client has gone before it was let in%s',
    async (query) => {
      const asked = deferred<ServerHttp2Stream>();
      const verdict = deferred<boolean>();
      const authorize = (request: unknown): Promise<boolean> | boolean => {
        const { headers, raw } = request as { headers: object; raw: { stream: ServerHttp2Stream } };
        if (!('x-waits' in headers)) return true;
        asked.resolve(raw.stream);
        return verdict.promise;
      };
      const { logs, port } = await start(new FastifyAdapter({ http2: true }), authorize);
      await logChat(logs, 'chat-1', 'a');
      const session = connect(`http://127.0.0.1:${port}`);
      onCleanUp(() => session.destroy());
      const request = session.request({ ':path': `/logs/chat-1${query}`, 'x-waits': '1' });
      request.on('error', () => {});
      const stream = await asked.promise;
      request.close(constants.NGHTTP2_CANCEL);
      await once(stream, 'close');
      verdict.resolve(true);
      const later = await Http2Stream.open(`http://127.0.0.1:${port}/logs/chat-1`);
      await later.message('a');
      expect(logs.stats().readers).toBe(1);
    },
  );

  it('is cancelled where it is cut off, as it would be taken for whole otherwise', async () => {
    const { app, logs, port } = await start(new FastifyAdapter({ http2: true }));
    await logChat(logs, 'chat-1', 'a');
    const stream = await Http2Stream.open(`http://127.0.0.1:${port}/logs/chat-1?format=text`);
    await stream.includes('a');
    const closing = app.close();
    expect(await stream.code()).toBe(constants.NGHTTP2_CANCEL);
    stream.hangUp();
    await closing;
  });

  it('resumes behind the last event', async () => {
    const { logs, port } = await start(new FastifyAdapter({ http2: true }));
    await logChat(logs, 'chat-1', 'a', 'b');
    await endSession(logs, 'chat-1');
    const url = `http://127.0.0.1:${port}/logs/chat-1`;
    const ids = [...(await (await Http2Stream.open(url)).rest()).matchAll(/^id: (.*)$/gm)].map(
      ([, id]) => id!,
    );
    const rest = await (await Http2Stream.open(url, { 'last-event-id': ids.at(-2)! })).rest();
    expect(rest).not.toContain('"message"');
    expect(rest).toMatch(/^event: end$/m);
    const over = await Http2Stream.open(url, { 'last-event-id': ids.at(-1)! });
    expect(over.headers).toMatchObject({ ':status': 204 });
  });
});

async function textOf(url: string, options: RequestOptions): Promise<string> {
  const [response] = (await once(get(url, options), 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
  return text;
}
