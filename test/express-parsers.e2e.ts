import type { IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import express, { type RequestHandler } from 'express';
import type { SessionHttpOptions } from 'nestjs-session-logger';
import { cleanUp } from './support/clean-up.js';
import type { TestApp, TestAppSetUp } from './support/test-app.js';
import { until } from './support/turns.js';
import { beginPost, JSON_TYPE, messagesIn, post, startWriting } from './support/write-client.js';

afterEach(cleanUp);

/** An application in which a parser reads bodies first. */
const startWith = (parser: RequestHandler, http: SessionHttpOptions = {}): Promise<TestApp> =>
  startWriting(http, {}, { configure: (app) => void app.use(parser) });

const inPieces = (text: string): ReadableStream => new Blob([text]).stream();

describe('a body that is too long', () => {
  it.each<[string, () => RequestInit['body'], Record<string, string>]>([
    [
      'as JSON in chunks',
      () => inPieces(`{"message":"${'x'.repeat(50_000)}"}`),
      { 'content-type': JSON_TYPE },
    ],
    [
      'as JSON that is compressed',
      () => gzipSync(`{"message":"${'x'.repeat(50_000)}"}`),
      { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' },
    ],
  ])('is answered 413 where a parser has read it %s', async (_, body, headers) => {
    const app = await startWriting({ writeBytes: 1_000 });
    expect((await post(app, body()!, headers)).status).toBe(413);
    expect(await messagesIn(app)).toEqual([]);
  });

  it.each([
    ['express.text', express.text({ type: '*/*', limit: '10mb' })],
    ['express.raw', express.raw({ type: '*/*', limit: '10mb' })],
  ])('is answered 413 where %s has read it', async (_, parser) => {
    const app = await startWith(parser, { writeBytes: 1_000 });
    const line = `{"message":"${'x'.repeat(400)}"}\n`;
    expect((await post(app, inPieces(line.repeat(3)))).status).toBe(413);
    expect((await post(app, inPieces(line.repeat(2)))).status).toBe(202);
  });
});

describe('a body that a parser of the application has read', () => {
  it.each([
    ['express.raw', express.raw({ type: '*/*' })],
    ['express.text', express.text({ type: '*/*' })],
  ])('is taken from %s', async (_, parser) => {
    const app = await startWith(parser);
    expect((await post(app, '{"message":"a"}\n{"message":"ü"}')).status).toBe(202);
    expect((await post(app, '{"message":"c"}', { 'content-type': JSON_TYPE })).status).toBe(202);
    expect((await post(app, '{"message":', { 'content-type': JSON_TYPE })).status).toBe(400);
    expect(await messagesIn(app)).toEqual(['a', 'ü', 'c']);
  });

  it('and made an object of lines is answered 415, with what to do', async () => {
    const app = await startWith(express.json({ type: '*/*' }));
    const { status, text } = await post(app, '{"message":"a"}');
    expect([status, text]).toEqual([415, expect.stringContaining('have it leave that type out')]);
  });

  it('and left nothing of is answered 400, with what to do', async () => {
    const app = await startWith((request, _, next) => void request.resume().on('end', next));
    const { status, text } = await post(app, '{"message":"a"}');
    expect([status, text]).toEqual([400, expect.stringContaining('have it leave this path out')]);
  });
});

describe('a client that hangs up in the middle of its body', () => {
  it('which a parser of the application reads leaves nothing behind', async () => {
    const asked: IncomingMessage[] = [];
    const configure: TestAppSetUp['configure'] = (nest) =>
      void nest.use((request: IncomingMessage, _: unknown, next: () => void) => {
        asked.push(request);
        next();
      });
    const app = await startWriting({}, {}, { configure });
    const socket = await beginPost(app, 'Content-Length: 1000', `Content-Type: ${JSON_TYPE}`);
    socket.write('{"message":"half');
    await until(() => asked.length > 0);
    socket.destroy();
    await until(() => asked[0]!.destroyed);
    expect((await fetch(`${app.url}/nowhere`)).status).toBe(404);
    expect([app.logger.errors, app.logger.warnings]).toEqual([[], []]);
  });
});
