import {
  Catch,
  ClassSerializerInterceptor,
  Injectable,
  ValidationPipe,
  VersioningType,
  type ArgumentsHost,
  type CallHandler,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { HttpAdapterHost, Reflector } from '@nestjs/core';
import { map, type Observable } from 'rxjs';
import request from 'supertest';
import { cleanUp } from './support/clean-up.js';
import { EventStream, isComment, isEvent } from './support/event-stream.js';
import { endSession, logChat, startApp, type TestApp } from './support/test-app.js';
import { TimeoutInterceptor } from './support/timeout-interceptor.js';

afterEach(cleanUp);

const TIMEOUT = 30;
const HTTP = { list: true, history: true, write: true, cancel: true, delete: true, heartbeat: 2 * TIMEOUT };

/** Wraps what handlers give, as APIs do that answer `{ data }`. */
@Injectable()
class EnvelopeInterceptor implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

/** Answers errors in a form of its own, on any platform, as the Nest documentation has it. */
@Catch()
class CatchEverythingFilter implements ExceptionFilter {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const { httpAdapter } = this.host;
    const status = (exception as { getStatus?: () => number }).getStatus?.() ?? 500;
    httpAdapter.reply(host.switchToHttp().getResponse(), { failed: status }, status);
  }
}

/** Says of each value that it is no object of a known class. */
class NothingPassesPipe implements PipeTransform {
  transform(): never {
    throw new Error('no such value');
  }
}

function useAll(app: INestApplication): void {
  app.setGlobalPrefix('api');
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
  app.useGlobalPipes(
    new ValidationPipe({
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      transform: true,
    }),
  );
  app.useGlobalInterceptors(
    new TimeoutInterceptor(TIMEOUT),
    new EnvelopeInterceptor(),
    new ClassSerializerInterceptor(app.get(Reflector)),
  );
  app.useGlobalFilters(new CatchEverythingFilter(app.get(HttpAdapterHost)));
}

const start = (configure: (app: INestApplication) => unknown): Promise<TestApp> =>
  startApp({ http: HTTP }, { configure });

describe('with a prefix, versions, pipes, interceptors and a filter for all', () => {
  it('a stream arrives event by event, longer than the timeout, and resumes', async () => {
    const { url, logs } = await start(useAll);
    const stream = await EventStream.open(`${url}/api/v1/logs/chat-1`);
    await stream.until(isEvent('position'));
    // The comment comes after a timer that is longer than the timeout and was started later.
    await stream.until(isComment);
    for (const message of ['a', 'b', 'c']) {
      await logChat(logs, 'chat-1', message);
      expect(await stream.entries(1)).toEqual([expect.objectContaining({ message })]);
    }
    await endSession(logs, 'chat-1');
    const { id } = (await stream.until(isEvent('end'))).at(-1) as { id: string };
    expect(await stream.rest()).toEqual([]);
    await request(url).get('/api/v1/logs/chat-1').set('Last-Event-ID', id).expect(204);
  });

  it('the other endpoints answer as without them', async () => {
    const { url, logs } = await start(useAll);
    const base = '/api/v1/logs';
    await request(url).post(`${base}/chat-1`).send({ message: 'a' }).expect(202, { accepted: 1 });
    await logs.distribute({ finite: true });
    const list = await request(url).get(`${base}?limit=5`).expect(200);
    expect(list.body).toMatchObject({ sessions: [{ sessionId: 'chat-1' }] });
    const history = await request(url).get(`${base}/chat-1/history`).buffer(true).expect(200);
    expect(JSON.parse(history.text.split('\n')[0]!)).toMatchObject({ message: 'a' });
    await request(url).post(`${base}/chat-1/cancel`).send({ reason: 'enough' }).expect(204, '');
    await request(url).delete(`${base}/chat-1`).expect(204, '');
    expect(logs.allSessionsInQueue).toEqual([]);
  });

  it('refusals are answered by the filter', async () => {
    const { url } = await start(useAll);
    const base = '/api/v1/logs';
    await request(url).get(`${base}/chat-1?type=x`).expect(400, { failed: 400 });
    await request(url).get(`${base}?limit=x`).expect(400, { failed: 400 });
    await request(url).get(`${base}/chat-1/history?limit=0`).expect(400, { failed: 400 });
    await request(url).post(`${base}/chat-1`).send({ message: 1 }).expect(400, { failed: 400 });
  });
});

describe('with versions', () => {
  it.each([
    ['a header', { type: VersioningType.HEADER, header: 'X-Version' }, { 'X-Version': '1' }],
    ['the media type', { type: VersioningType.MEDIA_TYPE, key: 'v=' }, { Accept: 'text/event-stream;v=1' }],
  ] as const)('in %s the stream is that of the default version', async (_, versioning, headers) => {
    const { url, logs } = await start((app) => app.enableVersioning({ ...versioning, defaultVersion: '1' }));
    await endSession(logs, 'chat-1');
    const stream = await EventStream.open(`${url}/logs/chat-1`, headers);
    expect((await stream.rest()).at(-1)).toMatchObject({ event: 'end' });
    await request(url)
      .get('/logs/chat-1')
      .set({ 'X-Version': '2', Accept: 'text/event-stream;v=2' })
      .expect(404);
  });

  it('and none by default the routes are there without one', async () => {
    const { url } = await start((app) => app.enableVersioning({ type: VersioningType.URI }));
    await request(url).get('/logs').expect(200);
  });
});

it('a prefix may leave the routes out', async () => {
  const { url } = await start((app) => app.setGlobalPrefix('api', { exclude: ['logs/*rest', 'logs'] }));
  expect((await EventStream.open(`${url}/logs/chat-1`)).status).toBe(200);
  await request(url).get('/logs').expect(200);
  await request(url).get('/api/logs').expect(404);
});

it('a pipe that takes nothing leaves the stream alone', async () => {
  const { url, logs } = await start((app) => app.useGlobalPipes(new NothingPassesPipe()));
  await endSession(logs, 'chat-1');
  expect((await (await EventStream.open(`${url}/logs/chat-1`)).rest()).at(-1)).toMatchObject({
    event: 'end',
  });
  await request(url).get('/logs').expect(200);
});
