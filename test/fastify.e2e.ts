import type { AddressInfo } from 'node:net';
import { Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SessionLoggerModule, SessionLoggerService, type SessionHttpOptions } from 'nestjs-session-logger';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { CollectingLogger } from './support/collecting-logger.js';

afterEach(cleanUp);

interface Started {
  app: INestApplication;
  logs: SessionLoggerService;
  url: string;
  logger: CollectingLogger;
}

async function start(
  adapter: FastifyAdapter,
  http: SessionHttpOptions = {},
  configure: (adapter: FastifyAdapter) => void = () => {},
): Promise<Started> {
  @Module({ imports: [SessionLoggerModule.forRoot({ files: false, http })] })
  class AppModule {}
  const logger = new CollectingLogger();
  const app = await NestFactory.create(AppModule, adapter, { logger });
  onCleanUp(() => app.close());
  configure(adapter);
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();
  return { app, logs: app.get(SessionLoggerService), url: `http://127.0.0.1:${port}`, logger };
}

describe('on Fastify', () => {
  it('one is told where its routes are too short for session ids', async () => {
    const { logger, url } = await start(new FastifyAdapter());
    expect(logger.warnings).toEqual([expect.stringContaining('maxParamLength: 128')]);
    expect((await fetch(`${url}/logs/${'x'.repeat(101)}`)).status).toBe(414);
    const long = await start(new FastifyAdapter({ routerOptions: { maxParamLength: 128 } }));
    expect(long.logger.warnings).toEqual([]);
    await long.logs.endSession('x'.repeat(128));
    expect((await fetch(`${long.url}/logs/${'x'.repeat(128)}`)).status).toBe(200);
  });

  it('batches are taken where a parser of the application reads them, too', async () => {
    const { url, logs } = await start(new FastifyAdapter(), { write: true }, (adapter) => {
      adapter
        .getInstance()
        .addContentTypeParser('application/x-ndjson', { parseAs: 'string' }, (_request, body, done) =>
          done(null, body),
        );
    });
    const { status } = await fetch(`${url}/logs/chat-1`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: '{"message":"a"}\n{"message":"b"}\n',
    });
    expect(status).toBe(202);
    await logs.distribute({ finite: true });
    expect(logs.getAllLogsInQueue().map(({ message }) => message)).toEqual(['a', 'b']);
  });
});
