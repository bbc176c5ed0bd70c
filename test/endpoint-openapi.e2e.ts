import { Controller, Get, type CanActivate, type INestApplication, VersioningType } from '@nestjs/common';
import { ApiOkResponse, type OpenAPIObject } from '@nestjs/swagger';
import {
  LogEntry,
  SessionLoggerModule,
  type SessionHttpOptions,
  type SessionLoggerFactoryOptions,
  type SessionLoggerOptions,
} from 'nestjs-session-logger';
import { cleanUp, onCleanUp } from './support/clean-up.js';
import { ALL, documentOf, faultsOf, operationsOf } from './support/openapi.js';
import { startApp, startModule, type TestAppSetUp } from './support/test-app.js';

afterEach(cleanUp);

const STREAM = ['get /logs/{sessionId}'];
const EVERYTHING = [
  'delete /logs/{sessionId}',
  'get /logs',
  'get /logs/stream',
  'get /logs/{sessionId}',
  'get /logs/{sessionId}/history',
  'post /logs/{sessionId}',
  'post /logs/{sessionId}/cancel',
];

/** Takes a document where users do, before the application is initialized. */
function taking(configure: (app: INestApplication) => unknown = () => {}): {
  documents: OpenAPIObject[];
  setUp: TestAppSetUp;
} {
  const documents: OpenAPIObject[] = [];
  const setUp: TestAppSetUp = {
    configure: (app) => {
      configure(app);
      documents.push(documentOf(app));
    },
  };
  return { documents, setUp };
}

async function documentWith(
  http: SessionHttpOptions,
  options: SessionLoggerOptions = {},
  more: TestAppSetUp = {},
): Promise<OpenAPIObject> {
  const { documents, setUp } = taking();
  const { logger } = await startApp({ http, ...options }, { ...setUp, ...more });
  expect(logger.warnings).toEqual([]);
  return documents[0]!;
}

const endpointsOf = (document: OpenAPIObject): string[] => Object.keys(operationsOf(document)).toSorted();
const idsOf = (document: OpenAPIObject): string[] =>
  Object.values(operationsOf(document)).map(({ operationId }) => operationId);

describe('the OpenAPI document', () => {
  it.each([undefined, '3.1.0'])('is valid with all endpoints, by version %s', async (version) => {
    const { app } = await startApp({ http: ALL });
    const document = documentOf(app, version);
    expect(await faultsOf(document)).toBeUndefined();
    expect(endpointsOf(document)).toEqual(EVERYTHING);
  });

  it('is found wrong where it is', async () => {
    const document = await documentWith(ALL);
    expect(await faultsOf({ ...document, paths: { x: 1 } } as never)).toEqual(expect.any(Array));
    expect(await faultsOf({ ...document, components: {} })).toMatch(/Can't resolve/);
  });

  it('has the stream as text/event-stream, with the schema of its entries and what each event is', async () => {
    const operation = operationsOf(await documentWith({}))['get /logs/{sessionId}']!;
    const { 200: stream, 204: over } = operation.responses;
    expect(stream?.content).toEqual({
      'text/event-stream': {
        schema: {
          oneOf: [{ $ref: '#/components/schemas/LogEntry' }, { $ref: '#/components/schemas/SegmentUpdate' }],
        },
      },
      'text/plain': { schema: { type: 'string' } },
    });
    expect(stream?.description).toMatch(/`position`[^]+`gap`[^]+`SessionGap`[^]+`end`[^]+`SessionEndEvent`/);
    expect(over).not.toHaveProperty('content');
    expect(operation.parameters.map(({ name, in: place }) => `${place} ${name}`)).toEqual([
      'path sessionId',
      'header Last-Event-ID',
      'query lastEventId',
      'query from',
      'query type',
      'query level',
      'query view',
      'query format',
    ]);
  });

  it('has what is written as JSON or NDJSON, and how long it may be', async () => {
    const document = await documentWith({ write: true, writeBytes: 2_000 });
    const { requestBody, parameters, responses } = operationsOf(document)['post /logs/{sessionId}']!;
    expect(Object.keys(requestBody!.content)).toEqual([
      'application/json',
      'application/x-ndjson',
      'application/jsonl',
      'application/ndjson',
    ]);
    expect(parameters).toContainEqual(expect.objectContaining({ name: 'Idempotency-Key', in: 'header' }));
    expect(Object.keys(responses)).toEqual(['202', '400', '409', '413', '415', '422', '503']);
    expect(responses[413]?.description).toContain('2,000 bytes');
  });

  it.each(['list', 'history', 'write', 'cancel', 'delete'] as const)(
    'has no endpoint that is off: only %s is on',
    async (option) => {
      const found = endpointsOf(await documentWith({ [option]: true }));
      expect(found).toHaveLength(3);
      expect(found).toEqual(expect.arrayContaining(STREAM));
      expect(EVERYTHING).toEqual(expect.arrayContaining(found));
      expect(endpointsOf(await documentWith({ ...ALL, [option]: false }))).toHaveLength(6);
    },
  );

  it('has the routes where a prefix and versions move them, each with an id of its own', async () => {
    const { documents, setUp } = taking((app) => {
      app.setGlobalPrefix('api');
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: ['1', '2'] });
    });
    await startApp({ http: { ...ALL, path: 'sessions' } }, setUp);
    const [document] = documents;
    expect(await faultsOf(document!)).toBeUndefined();
    expect(endpointsOf(document!)).toHaveLength(14);
    expect(endpointsOf(document!)).toEqual(
      expect.arrayContaining(['get /api/v1/sessions', 'post /api/v2/sessions/{sessionId}/cancel']),
    );
    expect(new Set(idsOf(document!)).size).toBe(14);
  });

  it('is made from what a factory returns', async () => {
    const { documents, setUp } = taking();
    const useFactory = (): SessionLoggerFactoryOptions => ({
      files: false,
      http: { list: true, openapi: { tag: 'chats' } },
    });
    await startModule(SessionLoggerModule.forRootAsync({ http: { path: 'chats' }, useFactory }), setUp);
    expect(await faultsOf(documents[0]!)).toBeUndefined();
    expect(operationsOf(documents[0]!)).toEqual({
      'get /chats': expect.objectContaining({ tags: ['chats'] }) as unknown,
      'get /chats/stream': expect.objectContaining({ tags: ['chats'] }) as unknown,
      'get /chats/{sessionId}': expect.objectContaining({ tags: ['chats'] }) as unknown,
    });
  });

  it('follows the options of each application that one module makes', async () => {
    const given: SessionHttpOptions[] = [
      ALL,
      { openapi: false },
      { cancel: true, openapi: { security: ['bearer'] } },
    ];
    const module = SessionLoggerModule.forRootAsync({
      useFactory: () => ({ files: false, http: given.shift()! }),
    });
    const { documents, setUp } = taking();
    for (let count = 0; count < 3; count++) await startModule(module, setUp).then(({ close }) => close());
    expect(documents.map(endpointsOf)).toEqual([
      EVERYTHING,
      [],
      ['get /logs/stream', 'get /logs/{sessionId}', 'post /logs/{sessionId}/cancel'],
    ]);
    for (const document of documents) expect(await faultsOf(document)).toBeUndefined();
    const [first, , third] = documents.map((document) => operationsOf(document)['get /logs/{sessionId}']);
    expect(third).toEqual({ ...first, security: [{ bearer: [] }] });
  });

  it('tells two loggers from each other', async () => {
    const { documents, setUp } = taking();
    const audit = SessionLoggerModule.forRoot({
      name: 'audit',
      files: false,
      http: { ...ALL, path: 'audit' },
    });
    await startApp({ http: ALL }, { ...setUp, imports: [audit] });
    const [document] = documents;
    expect(await faultsOf(document!)).toBeUndefined();
    expect(new Set(idsOf(document!)).size).toBe(14);
    const operations = operationsOf(document!);
    expect(operations['get /logs']).toMatchObject({
      tags: ['session logs'],
      operationId: 'SessionListController_list',
    });
    expect(operations['get /audit']).toMatchObject({
      tags: ['session logs (audit)'],
      operationId: 'SessionListController_audit_list',
    });
  });

  it('has none of the endpoints with openapi: false, and what else there is', async () => {
    @Controller('other')
    class OtherController {
      @Get()
      other(): void {}
    }
    const document = await documentWith({ ...ALL, openapi: false }, {}, { controllers: [OtherController] });
    expect(endpointsOf(document)).toEqual(['get /other']);
  });

  it('has the schema of an entry for routes of the application, too', async () => {
    @Controller('last')
    class LastController {
      @Get()
      @ApiOkResponse({ type: LogEntry })
      last(): void {}
    }
    const document = await documentWith({}, {}, { controllers: [LastController] });
    expect(await faultsOf(document)).toBeUndefined();
    expect(operationsOf(document)['get /last']?.responses[200]?.content).toEqual({
      'application/json': { schema: { $ref: '#/components/schemas/LogEntry' } },
    });
  });
});

describe('who may, in the document', () => {
  class Nobody implements CanActivate {
    canActivate(): boolean {
      return false;
    }
  }

  it.each([
    ['anybody', {}, /Everybody may\.$/, []],
    ["authorize: 'none'", { authorize: 'none' }, /Everybody may\.$/, []],
    ['authorize', { authorize: () => true }, /by the action `history`\.$/, ['401', '403']],
    ['guards', { guards: [Nobody] }, /Guards decide who may\.$/, ['401', '403']],
  ] as [string, SessionHttpOptions, RegExp, string[]][])('is told: %s', async (_, access, text, statuses) => {
    const operations = operationsOf(await documentWith({ ...ALL, ...access }));
    const { description, responses } = operations['get /logs/{sessionId}/history']!;
    expect(description).toMatch(text);
    expect(Object.keys(responses).filter((status) => status.startsWith('40'))).toEqual(['400', ...statuses]);
    expect(Object.values(operations).every((operation) => operation.security === undefined)).toBe(true);
  });

  it('is told as nobody in production where nobody decides', async () => {
    const { NODE_ENV } = process.env;
    onCleanUp(() => (process.env.NODE_ENV = NODE_ENV));
    process.env.NODE_ENV = 'production';
    const { description, responses } = operationsOf(await documentWith({}))['get /logs/{sessionId}']!;
    expect(description).toMatch(/Nobody may/);
    expect(Object.keys(responses)).toEqual(['200', '204', '400', '403', '503']);
  });

  it('is told by security schemes', async () => {
    const document = await documentWith({
      ...ALL,
      openapi: { security: ['bearer', 'cookie'], tag: 'chats' },
    });
    expect(await faultsOf(document)).toBeUndefined();
    for (const { security, tags } of Object.values(operationsOf(document))) {
      expect(security).toHaveLength(2);
      expect(security).toEqual(expect.arrayContaining([{ bearer: [] }, { cookie: [] }]));
      expect(tags).toEqual(['chats']);
    }
  });

  it.each([
    [true, 'http.openapi'],
    [{ tags: 'x' }, 'http.openapi.tags'],
    [{ tag: '' }, 'http.openapi.tag'],
    [{ security: 'bearer' }, 'http.openapi.security'],
  ])('takes no %j for an option', (openapi, option) => {
    expect(() => SessionLoggerModule.forRoot({ http: { openapi } as SessionHttpOptions })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', details: { option } }) as Error,
    );
  });
});
