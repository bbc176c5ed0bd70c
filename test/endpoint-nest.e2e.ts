import {
  Catch,
  HttpException,
  ValidationPipe,
  VersioningType,
  type ArgumentsHost,
  type ExceptionFilter,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import type { Response } from 'express';
import { tap } from 'rxjs';
import request from 'supertest';
import { cleanUp } from './support/clean-up.js';
import { EventStream, isComment, isEntry, isEvent, messagesOf } from './support/event-stream.js';
import { endSession, logChat, startApp } from './support/test-app.js';
import { TimeoutInterceptor } from './support/timeout-interceptor.js';
import { deferred, until } from './support/turns.js';

afterEach(cleanUp);

const TIMEOUT = 20;

describe('the route', () => {
  it('moves with a global prefix', async () => {
    const { url } = await startApp({}, { configure: (app) => app.setGlobalPrefix('api') });
    await request(url).get('/logs/chat-1').expect(404);
    expect((await EventStream.open(`${url}/api/logs/chat-1`)).status).toBe(200);
  });

  it('moves with versions in the path', async () => {
    const { url } = await startApp(
      {},
      {
        configure: (app) => {
          app.setGlobalPrefix('api');
          app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
        },
      },
    );
    await request(url).get('/api/logs/chat-1').expect(404);
    expect((await EventStream.open(`${url}/api/v1/logs/chat-1`)).status).toBe(200);
  });

  it.each([
    ['sessions', '/sessions/chat-1'],
    ['/sessions', '/sessions/chat-1'],
    ['internal/sessions/', '/internal/sessions/chat-1'],
  ])('is at http.path %s', async (path, route) => {
    const { url } = await startApp({ http: { path } });
    await request(url).get('/logs/chat-1').expect(404);
    expect((await EventStream.open(url + route)).status).toBe(200);
  });
});

describe('a global interceptor', () => {
  it('with a timeout does not cut a stream', async () => {
    const { url, logs } = await startApp(
      { http: { heartbeat: 2 * TIMEOUT } },
      { configure: (app) => app.useGlobalInterceptors(new TimeoutInterceptor(TIMEOUT)) },
    );
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    await stream.until(isEvent('position'));
    // The comment comes after a timer that is longer than the timeout and was started later.
    await stream.until(isComment);
    await logChat(logs, 'chat-1', 'still here');
    expect(messagesOf(await stream.until(isEntry))).toEqual(['still here']);
  });

  it('with a timeout may cut the opening, and no reader stays behind', async () => {
    const verdict = deferred<boolean>();
    const { url, logs, logger } = await startApp(
      { http: { authorize: () => verdict.promise } },
      { configure: (app) => app.useGlobalInterceptors(new TimeoutInterceptor(TIMEOUT)) },
    );
    await request(url).get('/logs/chat-1').expect(408);
    verdict.resolve(true);
    await request(url).get('/elsewhere').expect(404);
    expect(logs.stats()).toMatchObject({ readers: 0, sessions: 0 });
    expect(logger.errors).toEqual([]);
  });

  it('sees the opening once, and no entry', async () => {
    const seen: unknown[] = [];
    const watcher: NestInterceptor = {
      intercept: (_, next) =>
        next.handle().pipe(tap({ next: (value) => seen.push(value), complete: () => seen.push('complete') })),
    };
    const { url, logs } = await startApp(
      {},
      { providers: [{ provide: APP_INTERCEPTOR, useValue: watcher }] },
    );
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    await until(() => seen.includes('complete'));
    await logChat(logs, 'chat-1', 'a', 'b');
    expect(await stream.entries(2)).toHaveLength(2);
    expect(seen).toEqual([undefined, 'complete']);
  });
});

describe('a global exception filter', () => {
  @Catch(HttpException)
  class TeapotFilter implements ExceptionFilter {
    catch(exception: HttpException, host: ArgumentsHost): void {
      host.switchToHttp().getResponse<Response>().status(418).send({ was: exception.getStatus() });
    }
  }
  const providers = [{ provide: APP_FILTER, useClass: TeapotFilter }];

  it('sees a refusal of the opening', async () => {
    const { url } = await startApp({ http: { authorize: () => false } }, { providers });
    await request(url).get('/logs/chat-1').expect(418, { was: 403 });
    await request(url).get('/logs/chat-1?type=x').expect(418, { was: 400 });
    await request(url).get('/logs/a%00').expect(418, { was: 400 });
  });

  it('does not see a stream', async () => {
    const { url, logs } = await startApp({}, { providers });
    await endSession(logs, 'chat-1');
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    expect(stream.status).toBe(200);
    expect((await stream.rest()).at(-1)).toMatchObject({ event: 'end' });
  });
});

describe('other global parts', () => {
  it('such as a strict ValidationPipe leave the endpoint as it is', async () => {
    const pipe = new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true });
    const { url, logs } = await startApp({}, { configure: (app) => app.useGlobalPipes(pipe) });
    await logChat(logs, 'chat-1', 'a');
    const stream = await EventStream.open(`${url}/logs/chat-1?type=chat&level=log&from=start&token=abc`);
    expect(stream.status).toBe(200);
    expect(messagesOf(await stream.until(isEntry))).toEqual(['a']);
    await request(url).get('/logs/chat-1?type=x').expect(400);
  });

  it('such as a guard stand before the endpoint', async () => {
    const providers = [{ provide: APP_GUARD, useValue: { canActivate: () => false } }];
    const { url, logs } = await startApp({}, { providers });
    await request(url).get('/logs/chat-1').expect(403);
    expect(logs.stats().sessions).toBe(0);
  });

  it('such as CORS and middleware keep the headers that they set', async () => {
    const { url, logs } = await startApp(
      {},
      {
        configure: (app) => {
          app.enableCors({ origin: 'https://chat.example', credentials: true });
          app.use((_: unknown, response: Response, next: () => void) => {
            response.setHeader('X-Request-Id', 'r-1');
            next();
          });
        },
      },
    );
    const headers = {
      'access-control-allow-origin': 'https://chat.example',
      'access-control-allow-credentials': 'true',
      'x-request-id': 'r-1',
    };
    const stream = await EventStream.open(`${url}/logs/chat-1`, { Origin: 'https://chat.example' });
    expect(stream.headers).toMatchObject({ ...headers, 'content-type': 'text/event-stream' });
    await endSession(logs, 'chat-1');
    const { id } = (await stream.until(isEvent('end'))).at(-1) as { id: string };
    const over = await request(url).get('/logs/chat-1').set('Last-Event-ID', id).expect(204);
    expect(over.headers).toMatchObject(headers);
  });

  it('such as middleware that wraps the response see every byte that is written', async () => {
    const seen: string[] = [];
    const wrap = (_: unknown, response: Response, next: () => void): void => {
      const write = response.write.bind(response) as (chunk: Buffer | string) => boolean;
      response.write = (chunk: Buffer | string): boolean => {
        seen.push(String(chunk));
        return write(chunk);
      };
      next();
    };
    const { url, logs } = await startApp({}, { configure: (app) => app.use(wrap) });
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    await logChat(logs, 'chat-1', 'a');
    await logChat(logs, 'chat-1', 'b'.repeat(2 ** 20), 'c');
    await stream.entries(3);
    expect(seen.join('').match(/^id: .*-\d+$/gm)).toHaveLength(4);
    await endSession(logs, 'chat-1');
    await stream.rest();
    expect(stream.over).toBe('ended');
  });
});
