import { Logger, UnauthorizedException } from '@nestjs/common';
import {
  runInSession,
  SessionLoggerError,
  type SessionHistory,
  type SessionHttpOptions,
  type SessionLoggerOptions,
  type SessionRecord,
  type SessionTelemetry,
} from 'nestjs-session-logger';
import { resolveOptions } from '../src/options/resolve-options.js';
import { nameInId } from '../src/http/several/composite-id.js';
import { MemoryStore } from '../src/store/memory-store.js';
import { AnswerSchemas } from './support/answer-schemas.js';
import { cleanUp } from './support/clean-up.js';
import { entriesOf, EventStream, isEntry, isEvent } from './support/event-stream.js';
import { followHistory } from './support/history-client.js';
import { ALL, documentOf, operationsOf } from './support/openapi.js';
import { reply } from './support/segments.js';
import { tempDir } from './support/temp-dir.js';
import { endSession, logChat, startApp, type TestApp, type TestAppSetUp } from './support/test-app.js';
import { deferred, until } from './support/turns.js';
import { useNestLogger } from './support/use-nest-logger.js';
import { JSON_TYPE, lines, NDJSON } from './support/write-client.js';

afterEach(cleanUp);

interface DocumentedApp extends TestApp {
  schemas: AnswerSchemas;
}

async function start(options: SessionLoggerOptions = {}, setUp: TestAppSetUp = {}): Promise<DocumentedApp> {
  const testApp = await startApp({ http: ALL, ...options }, setUp);
  return { ...testApp, schemas: new AnswerSchemas(documentOf(testApp.app)) };
}

const keysOf = (values: readonly object[]): string[] => [...new Set(values.flatMap(Object.keys))].toSorted();

/** As one has it whose spans are recorded. */
const telemetry: SessionTelemetry = {
  start: () => {},
  activeSpan: () => ({ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }),
  delivered: () => {},
  stop: () => {},
};

/** An application whose entries have all that an entry can have. */
async function startWhole(): Promise<DocumentedApp> {
  const app = await start(
    {
      telemetry,
      files: { dir: tempDir() },
      context: { capture: true, stacks: true },
      terminal: { handler: () => {} },
      limits: { messageBytes: 40 },
    },
    { configure: useNestLogger },
  );
  await logChat(app.logs, 'chat-1', 'short', 'a message that is so long that some of it has to be cut off');
  await app.logs.logEntryToQueue({
    sessionId: 'chat-1',
    message: 'whole',
    logType: 'log',
    level: 'warn',
    context: 'Agent',
    data: { tool: { name: 'search' } },
  });
  runInSession('chat-1', () => new Logger('Agent').error('failed', new Error('away').stack));
  await endSession(app.logs, 'chat-1', { error: 'the model is away' });
  return app;
}

describe('what is answered, by the document', () => {
  it('are entries and ends of a stream, and each property of theirs', async () => {
    const { url, schemas } = await startWhole();
    const stream = await EventStream.open(`${url}/logs/chat-1`);
    const frames = await stream.rest();
    const entries = entriesOf(frames);
    for (const entry of entries) {
      const type = stream.headers['content-type']!;
      expect(schemas.faultsOf('get /logs/{sessionId}', 200, type, entry)).toBeUndefined();
    }
    expect(keysOf(entries)).toEqual(schemas.propertiesOf('LogEntry'));
    const end = frames.find(isEvent('end'));
    expect(schemas.faultsByName('SessionEndEvent', end?.data)).toBeUndefined();
    expect(keysOf([end!.data as object])).toEqual(schemas.propertiesOf('SessionEndEvent'));
  });

  it('is a gap of a stream, whether it is known how much is missing or not', async () => {
    const { logs, url, schemas } = await start({ limits: { sessionEntries: 1 } });
    await logChat(logs, 'chat-1', '1', '2', '3');
    const { position } = await logs.getSessionHistory('chat-1');
    const first = position.replace(/\d+$/, '1');
    for (const [id, missed] of [
      ['x', null],
      [first, 1],
    ] as const) {
      const stream = await EventStream.open(`${url}/logs/chat-1?lastEventId=${id}`);
      const gap = (await stream.until(isEvent('gap'))).at(-1) as { data: object };
      expect(gap.data).toMatchObject({ missed });
      expect(schemas.faultsByName('SessionGap', gap.data)).toBeUndefined();
      expect(keysOf([gap.data])).toEqual(schemas.propertiesOf('SessionGap'));
    }
  });

  it('are the lines of a history, of the store and of files', async () => {
    const { logs, url, schemas } = await startWhole();
    await logs.flush();
    const stored = await followHistory(`${url}/logs/chat-1/history`);
    await logs.deleteSession('chat-1');
    const filed = await followHistory(`${url}/logs/chat-1/history`);
    const [gap] = await followHistory(`${url}/logs/chat-1/history?after=zz-7`);
    expect([stored.length, filed.length, gap]).toEqual([5, 4, { gap: expect.anything() as unknown }]);
    for (const line of [...stored, ...filed, gap]) {
      expect(schemas.faultsOf('get /logs/{sessionId}/history', 200, NDJSON, line)).toBeUndefined();
    }
    expect(keysOf([stored.at(-1)!])).toEqual(schemas.propertiesOf('SessionEnd'));
  });

  it('are what changes segments', async () => {
    const { logs, url, schemas } = await start();
    const live = await EventStream.open(`${url}/logs/s?view=segments`);
    await live.until(isEntry);
    await logs.capture(
      's',
      [
        { type: 'tool-call', toolCallId: 'd', toolName: 'f', input: {} },
        { type: 'tool-error', toolCallId: 'd', toolName: 'f', error: new Error('it broke') },
      ],
      { end: false },
    );
    await logs.logEntryToQueue({ sessionId: 's', logType: 'log', message: 'm', data: { a: 1 } });
    await reply(logs, 's');
    const late = await EventStream.open(`${url}/logs/s?view=segments`);
    const updates = [...(await live.rest()), ...(await late.rest())]
      .filter(isEntry)
      .map(({ data }) => data as { segments?: object[] });
    for (const update of updates) expect(schemas.faultsByName('SegmentUpdate', update)).toBeUndefined();
    // Told where it goes on behind an end, or its beginning has gone.
    expect(schemas.propertiesOf('SegmentUpdate')).toEqual(
      keysOf([...updates, { reason: 'completed', missed: 1 }]),
    );
    const segments = updates.findLast((update) => update.segments !== undefined)!.segments!;
    expect(keysOf(segments)).toEqual(schemas.propertiesOf('SessionSegment'));
  });

  it('are the events of several sessions', async () => {
    const { logs, url, schemas } = await start();
    await logChat(logs, 'a', '1');
    await endSession(logs, 'a', { error: 'it broke' });
    const frames = await (await EventStream.open(`${url}/logs/stream?sessions=a&lastEventId=x`)).rest();
    for (const [event, name] of [
      ['gap', 'SessionsGap'],
      ['session-end', 'SessionsEnd'],
      ['end', 'SessionEndEvent'],
    ] as const) {
      const { data } = frames.find(isEvent(event))!;
      expect(schemas.faultsByName(name, data)).toBeUndefined();
      if (name !== 'SessionEndEvent') expect(keysOf([data as object])).toEqual(schemas.propertiesOf(name));
    }
  });

  it('are pages of a list', async () => {
    const { logs, url, schemas } = await start();
    for (const id of ['a', 'b', 'c']) await logChat(logs, id, '1');
    await endSession(logs, 'b');
    const states: unknown[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const answer = await fetch(`${url}/logs?limit=1${cursor && `&cursor=${cursor}`}`);
      const page = (await answer.json()) as { sessions: { state: string }[]; cursor?: string };
      const type = answer.headers.get('content-type');
      expect(schemas.faultsOf('get /logs', answer.status, type, page)).toBeUndefined();
      states.push(...page.sessions.map(({ state }) => state));
      ({ cursor } = page);
    }
    expect(states).toEqual(['open', 'completed', 'open']);
  });

  it('are found wrong where they are', async () => {
    const { url, schemas } = await startWhole();
    const [read] = await (await EventStream.open(`${url}/logs/chat-1`)).entries(1);
    const entry = read as object;
    const faults = (value: unknown): unknown => schemas.faultsByName('LogEntry', value);
    expect(faults(entry)).toBeUndefined();
    expect(faults({ ...entry, more: 1 })).toHaveLength(1);
    expect(faults({ ...entry, uid: undefined })).toHaveLength(1);
    expect(faults({ ...entry, level: 'loud' })).toHaveLength(1);
    expect(schemas.faultsOf('get /logs', 418, null, '')).toBe('status 418 is not documented');
    expect(schemas.faultsOf('get /logs', 200, 'text/plain', '')).toBe('type text/plain is not documented');
  });
});

/** A store with a session that is broken, and one that it takes nothing of until its gate is open. */
class TroubledStore extends MemoryStore {
  readonly gate = deferred<void>();

  override append(records: readonly SessionRecord[]): void {
    if (records.every(({ sessionId }) => sessionId !== 'held')) return super.append(records);
    // The port allows a promise.
    return this.gate.promise.then(() => super.append(records)) as unknown as void;
  }

  override history(...args: Parameters<MemoryStore['history']>): SessionHistory {
    if (args[0] === 'broken') throw new SessionLoggerError('BROKEN_SESSION', 'It is broken.');
    return super.history(...args);
  }

  override remove(sessionId: string): void {
    if (sessionId === 'broken') throw new SessionLoggerError('ERASURE_FAILED', 'It is broken.');
    super.remove(sessionId);
  }
}

/** By the header `x-as`. */
const authorize: SessionHttpOptions['authorize'] = ({ headers }) => {
  if (headers['x-as'] === 'unknown') throw new UnauthorizedException();
  if (headers['x-as'] === 'trouble') throw new Error('no connection');
  return headers['x-as'] !== 'nobody';
};

interface Sent {
  readonly path: string;
  readonly as?: string;
  readonly type?: string;
  readonly key?: string;
  readonly body?: string;
}

const REFUSALS: readonly Pick<Sent, 'as'>[] = [{ as: 'unknown' }, { as: 'nobody' }];
const entry = lines({ message: 'a' });
const write = { path: 'chat-1', type: NDJSON, body: entry };

/** Requests to each endpoint that are answered with each of its statuses, but for what takes two at once. */
const REQUESTS: Readonly<Record<string, readonly Sent[]>> = {
  'get /logs': [
    { path: '' },
    { path: '?limit=1001' },
    { path: '?cursor=%00' },
    { path: '', as: 'trouble' },
    ...REFUSALS.map((who) => ({ path: '', ...who })),
  ],
  'get /logs/{sessionId}': [
    { path: 'over' },
    { path: 'over?lastEventId=OVER' },
    { path: 'over?type=x' },
    { path: 'over?from=x&level=x' },
    { path: '%20' },
    { path: 'over?format=text', as: 'trouble' },
    ...REFUSALS.map((who) => ({ path: 'over', ...who })),
  ],
  'get /logs/stream': [
    { path: 'stream?sessions=over' },
    { path: `stream?sessions=over&lastEventId=${nameInId('over')}=OVER` },
    { path: 'stream?sessions=over&type=x' },
    { path: 'stream?sessions=' },
    ...REFUSALS.map((who) => ({ path: 'stream?sessions=over', ...who })),
  ],
  'get /logs/{sessionId}/history': [
    { path: 'over/history' },
    { path: 'over/history?limit=0' },
    { path: 'over/history?after=x&from=x' },
    { path: 'over/history?cursor=x' },
    { path: 'broken/history' },
    { path: 'over/history', as: 'trouble' },
    ...REFUSALS.map((who) => ({ path: 'over/history', ...who })),
  ],
  'post /logs/{sessionId}': [
    write,
    { ...write, type: JSON_TYPE },
    { ...write, key: 'k' },
    { ...write, key: 'k', body: lines({ message: 'b' }) },
    { ...write, key: 'two words' },
    { ...write, body: lines({ message: 1 }, { message: 'a', level: 'x' }) },
    { ...write, body: '{' },
    { ...write, type: JSON_TYPE, body: '{' },
    { ...write, body: '' },
    { ...write, path: '%20' },
    { ...write, type: 'text/html' },
    { ...write, body: 'x'.repeat(3_000) },
    { ...write, as: 'trouble' },
    ...REFUSALS.map((who) => ({ ...write, ...who })),
  ],
  'post /logs/{sessionId}/cancel': [
    { path: 'chat-1/cancel' },
    { path: 'chat-1/cancel', type: JSON_TYPE, body: '{"reason":"enough"}' },
    { path: 'chat-1/cancel', type: JSON_TYPE, body: '{"reason":1}' },
    { path: 'chat-1/cancel', type: JSON_TYPE, body: '{' },
    { path: 'chat-1/cancel', as: 'trouble' },
    ...REFUSALS.map((who) => ({ path: 'chat-1/cancel', ...who })),
  ],
  'delete /logs/{sessionId}': [
    { path: 'chat-1' },
    { path: 'chat-1?files=x' },
    { path: 'chat-1?files=true' },
    { path: 'broken' },
    { path: 'chat-1', as: 'trouble' },
    ...REFUSALS.map((who) => ({ path: 'chat-1', ...who })),
  ],
};

describe('each status that an endpoint answers with', () => {
  const store = (): TroubledStore => new TroubledStore(resolveOptions().limits);
  const startTroubled = (kept: TroubledStore): Promise<DocumentedApp> =>
    start({
      store: kept,
      http: { ...ALL, authorize, writeBytes: 2_000 },
      files: { dir: tempDir(), format: 'text' },
    });

  async function send(url: string, method: string, { path, as, type, key, body }: Sent): Promise<Response> {
    const headers = {
      ...(as !== undefined && { 'x-as': as }),
      ...(type !== undefined && { 'content-type': type }),
      ...(key !== undefined && { 'idempotency-key': key }),
    };
    const target = path === '' || path.startsWith('?') ? `/logs${path}` : `/logs/${path}`;
    return fetch(url + target, { method, headers, ...(body !== undefined && { body }) });
  }

  async function check({ schemas }: DocumentedApp, operation: string, answer: Response): Promise<number> {
    const type = answer.headers.get('content-type');
    const text = await answer.text();
    const isJson = type?.startsWith(JSON_TYPE) === true;
    // What streams and histories carry is looked at above.
    if (isJson || !answer.ok) {
      const faults = schemas.faultsOf(operation, answer.status, type, isJson ? JSON.parse(text) : text);
      expect([operation, answer.status, faults, text]).toEqual([operation, answer.status, undefined, text]);
    }
    return answer.status;
  }

  it.each(Object.entries(REQUESTS))('is told, and no other: %s', async (operation, requests) => {
    const kept = store();
    const app = await startTroubled(kept);
    await logChat(app.logs, 'over', '1');
    await endSession(app.logs, 'over');
    const { position } = await app.logs.getSessionHistory('over');
    const seen = new Set<number>();
    for (const sent of requests) {
      const path = sent.path.replace('OVER', position);
      const answer = await send(app.url, operation.split(' ')[0]!.toUpperCase(), { ...sent, path });
      seen.add(await check(app, operation, answer));
    }
    if (operation === 'post /logs/{sessionId}') {
      const held = { ...write, path: 'held', key: 'h' };
      const first = send(app.url, 'POST', held);
      await until(() => app.logs.stats().store.pending > 0);
      seen.add(await check(app, operation, await send(app.url, 'POST', held)));
      kept.gate.resolve();
      await check(app, operation, await first);
    }
    const { responses } = operationsOf(documentOf(app.app))[operation]!;
    expect([...seen].map(String).toSorted()).toEqual(Object.keys(responses));
  });

  it('has parameters that are refused where the document refuses them', async () => {
    const { app, url } = await start();
    const operations = operationsOf(documentOf(app));
    const limits = operations['get /logs']!.parameters.find(({ name }) => name === 'limit')!.schema;
    const statusOf = async (path: string): Promise<number> => (await fetch(`${url}/logs${path}`)).status;
    for (const path of ['', '/a/history']) {
      expect(await statusOf(`${path}?limit=${String(limits.minimum)}`)).toBe(200);
      expect(await statusOf(`${path}?limit=${String(limits.maximum)}`)).toBe(200);
      expect(await statusOf(`${path}?limit=${Number(limits.maximum) + 1}`)).toBe(400);
    }
    const type = operations['get /logs/{sessionId}']!.parameters.find(({ name }) => name === 'level')!.schema;
    for (const level of type.enum as string[]) {
      const stream = await EventStream.open(`${url}/logs/a?level=${level}`);
      expect(stream.status).toBe(200);
      stream.close();
    }
  });
});
