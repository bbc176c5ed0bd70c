import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import OpenAI from 'openai';
import type { SessionLoggerService } from 'nestjs-session-logger';
import { collectSession } from 'nestjs-session-logger/testing';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { startApp } from './support/test-app.js';

let logs: SessionLoggerService;
let stop: () => Promise<void>;
beforeEach(async () => {
  ({ logs, close: stop } = await startApp({ http: false }));
});
afterEach(cleanUp);

/** A source that gives texts, then waits for ever, and tells when it was stopped. */
function endless(...texts: string[]): { source: ReadableStream<string>; stopped: Promise<void> } {
  let source!: ReadableStream<string>;
  const stopped = new Promise<void>((resolve) => {
    source = new ReadableStream({
      start: (controller) => texts.forEach((text) => controller.enqueue(text)),
      cancel: () => resolve(),
    });
  });
  return { source, stopped };
}

async function* failing(...texts: string[]): AsyncGenerator<string> {
  yield* texts;
  await Promise.resolve();
  throw new Error('the model broke');
}

/** A model that says one thing and then nothing more, and tells when nobody listens. */
async function silentApi(): Promise<{ baseURL: string; hungUp: Promise<void> }> {
  let tell!: () => void;
  const hungUp = new Promise<void>((resolve) => (tell = resolve));
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = { choices: [{ index: 0, delta: { content: 'a' }, finish_reason: null }] };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    response.once('close', tell);
  });
  onCleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, hungUp };
}

async function messagesOf(sessionId: string): Promise<string[]> {
  const { entries } = await collectSession(logs, sessionId, { until: 'now' });
  return entries.map(({ message }) => message);
}

describe('capture', () => {
  it('resolves when readers can have all of it, and goes on where nobody reads', async () => {
    const reading = collectSession(logs, 's');
    expect(await logs.capture('s', ['a', 'b'])).toEqual({ reason: 'completed' });
    expect(await reading).toMatchObject({ text: '<start>ab</end>', end: { reason: 'completed' } });
  });

  it('stores the error of a source that fails, behind what came, and does not reject', async () => {
    expect(await logs.capture('s', failing('a', '<thi'))).toMatchObject({
      reason: 'error',
      error: { message: 'the model broke' },
    });
    expect(await collectSession(logs, 's')).toMatchObject({
      text: '<start>a<thi',
      end: { reason: 'error', error: 'the model broke' },
    });
  });

  it('stores what was thrown of a source that throws no error, as models of some servers do', async () => {
    const source = new ReadableStream<string>({
      start: (controller) => controller.error({ type: 'overloaded', status: 529 }),
    });
    await logs.capture('s', source);
    const { end } = await collectSession(logs, 's');
    expect(end).toEqual({ reason: 'error', error: '{"type":"overloaded","status":529}' });
  });

  it('is stopped by who cancels the session, and writes nothing more', async () => {
    const { source, stopped } = endless('a');
    const capturing = logs.capture('s', source);
    await collectSession(logs, 's', { until: 2 });
    await logs.cancelSession('s', 'enough');
    await stopped;
    expect(await capturing).toEqual({ reason: 'cancelled' });
    const { text, end } = await collectSession(logs, 's');
    expect([text, end]).toEqual(['<start>a', { reason: 'cancelled', error: 'enough' }]);
    expect(await messagesOf('s')).toEqual(['<start>', 'a']);
  });

  it('loses nothing that it holds back where the session is cancelled', async () => {
    const { source } = endless('<think>if a </th');
    const capturing = logs.capture('s', source);
    await collectSession(logs, 's', { until: 3 });
    await logs.cancelSession('s');
    await capturing;
    const { text, end } = await collectSession(logs, 's');
    expect([text, end?.reason]).toEqual(['<start><think>if a </th', 'cancelled']);
    expect(await messagesOf('s')).toHaveLength(4);
  });

  it('calls parts of the AI SDK that begin and do not finish no complete reply', async () => {
    const [start, text, finish] = [
      { type: 'start' },
      { type: 'text-delta', text: 'a' },
      { type: 'finish', finishReason: 'stop' },
    ];
    const reasonOf = async (...parts: object[]): Promise<string> => (await logs.capture('s', parts)).reason;
    expect(await reasonOf(start, text)).toBe('error');
    expect(await reasonOf(start, text, finish)).toBe('completed');
    expect(await reasonOf(text)).toBe('completed');
  });

  it('is stopped by a signal, also one that is aborted already', async () => {
    const stopping = new AbortController();
    const { source, stopped } = endless('a');
    const capturing = logs.capture('s', source, { signal: stopping.signal });
    await collectSession(logs, 's', { until: 2 });
    stopping.abort('the tab was closed');
    await stopped;
    expect(await capturing).toEqual({ reason: 'cancelled' });
    expect((await collectSession(logs, 's')).end).toEqual({
      reason: 'cancelled',
      error: 'the tab was closed',
    });
    const late = endless('b');
    expect(await logs.capture('late', late.source, { signal: stopping.signal })).toEqual({
      reason: 'cancelled',
    });
    await late.stopped;
    expect((await collectSession(logs, 'late')).entries).toEqual([]);
  });

  it('stops Node streams and the clients of models at once', async () => {
    const { baseURL, hungUp } = await silentApi();
    const openai = new OpenAI({ baseURL, apiKey: 'none' });
    const node = new PassThrough({ encoding: 'utf8' });
    node.write('a');
    const asked = openai.chat.completions.create({ model: 'm', messages: [], stream: true });
    const capturing = [logs.capture('node', node), logs.capture('openai', asked)];
    for (const id of ['node', 'openai']) await collectSession(logs, id, { until: 2 });
    for (const id of ['node', 'openai']) await logs.cancelSession(id);
    expect(await Promise.all(capturing)).toEqual([{ reason: 'cancelled' }, { reason: 'cancelled' }]);
    await hungUp;
    expect(node.destroyed).toBe(true);
  });

  it('counts what a source throws that was told to stop as cancelled', async () => {
    const stopping = new AbortController();
    const source = (async function* (): AsyncGenerator<string> {
      yield 'a';
      await delay(60_000, undefined, { signal: stopping.signal });
    })();
    const capturing = logs.capture('s', source);
    await collectSession(logs, 's', { until: 2 });
    stopping.abort();
    expect(await capturing).toEqual({ reason: 'cancelled' });
  });

  it('leaves the session open where more follows', async () => {
    await logs.capture('s', ['a'], { end: false });
    await logs.capture('s', ['b']);
    expect((await collectSession(logs, 's')).text).toBe('<start>a</end><start>b</end>');
  });

  it('gives the parts on, unchanged and one by one', async () => {
    const parts = [
      { type: 'text-delta', text: 'a' },
      { type: 'unheard-of' },
      { type: 'text-delta', text: 'b' },
    ];
    const given: unknown[] = [];
    for await (const part of logs.capture('s', parts, { tee: true })) given.push(part);
    expect(given).toEqual(parts);
    expect(given.every((part, at) => part === parts[at])).toBe(true);
    expect((await collectSession(logs, 's')).text).toBe('<start>ab</end>');
  });

  it('reads no faster than the parts are asked for, and all of it where who asks leaves', async () => {
    let pulled = 0;
    const source = (function* (): Generator<string> {
      while (pulled < 5) yield `${++pulled}`;
    })();
    const tee = logs.capture('s', source, { tee: true });
    await tee.next();
    expect(pulled).toBe(1);
    await Promise.all([tee.next(), tee.next()]);
    expect(pulled).toBe(3);
    await tee.return?.();
    expect(await tee.next()).toEqual({ done: true, value: undefined });
    expect((await collectSession(logs, 's')).text).toBe('<start>12345</end>');
  });

  it('lets nobody wait for a part that never comes, once it was stopped', async () => {
    const stuck = (async function* (): AsyncGenerator<string> {
      yield 'a';
      await new Promise(() => {});
    })();
    const never = new Promise<AsyncIterable<string>>(() => {});
    for (const [session, source] of Object.entries({ stuck, never })) {
      const leaving = new AbortController();
      const tee = logs.capture(session, source, { tee: true, signal: leaving.signal });
      if (session === 'stuck') expect(await tee.next()).toEqual({ done: false, value: 'a' });
      const waiting = Promise.all([tee.next(), tee.next()]);
      // By then it waits for the source.
      await setImmediate();
      leaving.abort();
      const done = { done: true, value: undefined };
      expect(await waiting).toEqual([done, done]);
      expect((await collectSession(logs, session)).end).toMatchObject({ reason: 'cancelled' });
    }
  });

  it('gives on what the source throws', async () => {
    const given: string[] = [];
    const reading = (async () => {
      for await (const part of logs.capture('s', failing('a'), { tee: true })) given.push(part);
    })();
    await expect(reading).rejects.toThrow('the model broke');
    expect([given, (await collectSession(logs, 's')).end?.reason]).toEqual([['a'], 'error']);
  });

  it('says what it cannot read, and gives it on all the same', async () => {
    const parts = [{ foo: 1 }, { foo: 2 }];
    const refused = { reason: 'error', error: { code: 'INVALID_SOURCE' } };
    expect(await logs.capture('s', parts)).toMatchObject(refused);
    expect((await collectSession(logs, 's')).end?.error).toMatch(
      /the source gave an object with the members foo; expected text/,
    );
    const given: unknown[] = [];
    for await (const part of logs.capture('tee', parts, { tee: true })) given.push(part);
    expect(given).toEqual(parts);
    for (const source of [42, null, 'a text'] as never[])
      expect(await logs.capture('s', source)).toMatchObject(refused);
  });

  it('refuses what is no session id or signal, at the call', () => {
    expect(() => logs.capture('a b', [])).toThrow(expect.objectContaining({ code: 'INVALID_SESSION_ID' }));
    expect(() => logs.capture('s', [], { signal: 'x' as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_READ_OPTION' }),
    );
  });

  it('does not call a reply completed whose end was refused', async () => {
    const { source } = endless('a');
    const leaving = new AbortController();
    const outcome = logs.capture('s', source, { signal: leaving.signal });
    await stop();
    leaving.abort();
    expect(await outcome).toMatchObject({ reason: 'error', error: { code: expect.any(String) as string } });
  });

  it('ends the session of a reply that a full queue refuses, so that its readers do not wait', async () => {
    const { logs: full } = await startApp({
      http: false,
      autoStart: false,
      limits: { queueEntries: 2, overflow: 'reject' },
    });
    const outcome = full.capture('s', ['a', 'b', 'c']);
    await setImmediate();
    await full.distribute({ finite: true });
    expect(await outcome).toMatchObject({ reason: 'error', error: { code: 'QUEUE_FULL' } });
    await full.distribute({ finite: true });
    const { text, end } = await collectSession(full, 's');
    expect([text, end?.reason]).toEqual(['<start>a', 'error']);
  });

  it('does not call a reply completed whose last chunk was refused', async () => {
    const { logs: full } = await startApp({
      http: false,
      autoStart: false,
      limits: { queueEntries: 2, overflow: 'reject' },
    });
    const outcome = full.capture('s', ['a']);
    await setImmediate();
    await full.distribute({ finite: true });
    expect((await outcome).reason).toBe('error');
    await full.distribute({ finite: true });
    expect((await collectSession(full, 's')).end?.reason).toBe('error');
  });

  it('tells that the application has shut down', async () => {
    const { source } = endless('a');
    const tee = logs.capture('s', source, { tee: true });
    await stop();
    await tee.next();
    expect(logs.stats().refused).toBeGreaterThan(0);
  });

  it('loses no character that a source has cut in two', async () => {
    const reply = '<think>🙂a</think>b🙃🙂c';
    await logs.capture('s', reply.split(''));
    expect(await messagesOf('s')).toEqual([
      '<start>',
      '<think>',
      '🙂',
      'a',
      '</think>',
      'b',
      '🙃',
      '🙂',
      'c',
      '</end>',
    ]);
    const call = { toolCallId: 'x', toolName: 'f' };
    await logs.capture('t', [
      { type: 'text-delta', text: 'a\ud83d' },
      { type: 'tool-input-start', id: 'x', toolName: 'f' },
      { type: 'tool-input-delta', id: 'x', delta: '"\ud83d' },
      { type: 'tool-input-delta', id: 'x', delta: '\ude42"' },
      { type: 'tool-call', ...call },
    ]);
    // The other half of the first one never comes.
    expect(await messagesOf('t')).toEqual([
      '<start>',
      'a',
      '\ufffd',
      '<tool>',
      '"',
      '🙂"',
      '</tool>',
      '</end>',
    ]);
  });

  it('splits what is longer than an entry may be, between characters, and cuts nothing', async () => {
    const text = '🙂<é'.repeat(300_000);
    await logs.capture('s', ['a' + text]);
    const { entries, text: all } = await collectSession(logs, 's');
    expect(all).toBe(`<start>a${text}</end>`);
    expect(entries.length).toBeGreaterThan(4);
    expect(entries.filter(({ truncated }) => truncated)).toEqual([]);
  });

  it('leaves arguments that are too long to be kept in their pieces', async () => {
    const call = { toolCallId: 'x', toolName: 'f' };
    const piece = 'a'.repeat(600_000);
    await logs.capture('s', [
      { type: 'tool-input-start', id: 'x', toolName: 'f' },
      ...['"', piece, piece, '"'].map((delta) => ({ type: 'tool-input-delta', id: 'x', delta })),
      { type: 'tool-call', ...call },
    ]);
    const { entries, text } = await collectSession(logs, 's');
    expect(text).toBe(`<start><tool>"${piece}${piece}"</tool></end>`);
    expect(entries.at(-2)?.data).toEqual(call);
  });

  it('has pop pass over what looks like a token and is none', async () => {
    await logs.capture('s', [
      { type: 'reasoning-delta', text: 'a </think> in code' },
      { type: 'reasoning-end' },
      { type: 'text-delta', text: 'b' },
    ]);
    const taken: string[] = [];
    for await (const message of logs.pop('s')) taken.push(message);
    expect(taken).toEqual(['<start>', '<think>', 'a </think> in code', '</think>']);
  });
});
