import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { jest } from '@jest/globals';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { deferred, until } from './support/turns.js';
import { beginPost, messagesIn, post, startWriting } from './support/write-client.js';

afterEach(cleanUp);

const PIECE = 'x'.repeat(0x1_0000);
const CHUNK = `10000\r\n${PIECE}\r\n`;

/** Writes a text so many times, each when the one before is taken. */
async function writeAll(socket: Socket, text: string, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    if (!socket.write(text)) await once(socket, 'drain');
  }
}

/** The status lines that come until there are so many. */
async function statuses(socket: Socket, count: number): Promise<string[]> {
  let text = '';
  const found = (): string[] => text.match(/HTTP\/1\.1 \d+/g) ?? [];
  for await (const data of socket) {
    text += String(data);
    if (found().length >= count) break;
  }
  return found().map((line) => line.slice(-3));
}

describe('a body that is too long', () => {
  it.each([
    ['in chunks', 'Transfer-Encoding: chunked', CHUNK, '0\r\n\r\n'],
    ['of a told length', `Content-Length: ${0x1_0000 * 300}`, PIECE, ''],
  ])(
    '%s is answered 413 for a client that reads only then, and the connection stays',
    async (_, header, piece, end) => {
      const app = await startWriting();
      const socket = await beginPost(app, header);
      await writeAll(socket, piece, 300);
      socket.write(`${end}GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n`);
      expect(await statuses(socket, 2)).toEqual(['413', '404']);
    },
  );

  it('and has no end is cut off', async () => {
    const app = await startWriting();
    const socket = await beginPost(app, 'Transfer-Encoding: chunked');
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.once('close', resolve));
    let sent = 0;
    const send = (): void => {
      while (!socket.destroyed && socket.write(CHUNK)) sent += PIECE.length;
    };
    socket.on('drain', send).resume();
    send();
    await closed;
    expect(sent).toBeLessThan(200 * 1024 * 1024);
  });
});

describe('a body that is compressed', () => {
  it('is answered 415 where no parser has read it', async () => {
    const app = await startWriting();
    const { status, text } = await post(app, gzipSync('{"message":"a"}'), { 'content-encoding': 'gzip' });
    expect([status, text]).toEqual([415, expect.stringContaining('Content-Encoding: gzip')]);
  });
});

describe('a body of wrong lines', () => {
  it('is refused at once where a line is one long text', async () => {
    const app = await startWriting();
    const keys = jest.spyOn(Object, 'keys');
    onCleanUp(() => keys.mockRestore());
    const { status, text } = await post(app, JSON.stringify('s'.repeat(500_000)));
    expect([status, text]).toEqual([400, expect.stringContaining('INVALID_ENTRY')]);
    expect(keys.mock.results.every(({ value }) => (value as string[]).length < 1_000)).toBe(true);
  });

  it('is not read on behind the hundred that are told', async () => {
    const app = await startWriting();
    const parse = jest.spyOn(JSON, 'parse');
    onCleanUp(() => parse.mockRestore());
    const { status, text } = await post(app, '{\n'.repeat(10_000));
    expect(parse.mock.calls.length).toBeLessThan(200);
    const { errors, message } = JSON.parse(text) as { errors: unknown[]; message: string };
    expect([status, errors.length, message]).toEqual([400, 100, expect.stringContaining('and more')]);
  });

  it('is not read at all where there are too many', async () => {
    const app = await startWriting();
    const parse = jest.spyOn(JSON, 'parse');
    onCleanUp(() => parse.mockRestore());
    expect((await post(app, '{\n'.repeat(524_288))).status).toBe(413);
    expect(parse).not.toHaveBeenCalled();
  });
});

describe('a client that hangs up in the middle of its body', () => {
  it.each([
    ['while it is read', false],
    ['before it is read', true],
  ])('%s leaves nothing behind', async (_, isEarly) => {
    const verdict = deferred<boolean>();
    const asked = deferred<IncomingMessage>();
    const authorize = (request: object): Promise<boolean> => {
      asked.resolve(('raw' in request ? request.raw : request) as IncomingMessage);
      return verdict.promise;
    };
    const app = await startWriting({ authorize });
    const socket = await beginPost(app, 'Content-Length: 1000');
    socket.write('{"message":"half');
    const request = await asked.promise;
    if (!isEarly) verdict.resolve(true);
    await until(() => isEarly || request.readableDidRead);
    socket.destroy();
    await until(() => request.destroyed);
    verdict.resolve(true);
    expect((await fetch(`${app.url}/nowhere`)).status).toBe(404);
    expect([app.logger.errors, app.logger.warnings]).toEqual([[], []]);
    expect(await messagesIn(app)).toEqual([]);
  });
});
