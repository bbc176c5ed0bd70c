// An app that has @nestjs/swagger: the endpoints are in its document, and `require` finds them there, too.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { SessionLoggerModule } from 'nestjs-session-logger';

const required = createRequire(import.meta.url)('@nestjs/swagger');

async function documents(http) {
  const warnings = [];
  class AppModule {}
  Module({ imports: [SessionLoggerModule.forRoot({ files: false, http })] })(AppModule);
  const logger = { log: () => {}, error: (text) => warnings.push(text), warn: (text) => warnings.push(text) };
  const app = await NestFactory.create(AppModule, { logger, abortOnError: false });
  const config = new DocumentBuilder().build();
  const made = [SwaggerModule, required.SwaggerModule].map((swagger) => swagger.createDocument(app, config));
  await app.close();
  assert.deepEqual(warnings, []);
  assert.deepEqual(made[0], made[1]);
  return made[0];
}

const { paths, components } = await documents({ list: true });
assert.deepEqual(Object.keys(paths).toSorted(), ['/logs', '/logs/stream', '/logs/{sessionId}']);
const { tags, responses } = paths['/logs/{sessionId}'].get;
assert.deepEqual(tags, ['session logs']);
assert.deepEqual(responses[200].content, {
  'text/event-stream': {
    schema: {
      oneOf: ['LogEntry', 'SegmentUpdate'].map((name) => ({ $ref: `#/components/schemas/${name}` })),
    },
  },
  'text/plain': { schema: { type: 'string' } },
});
assert.deepEqual(components.schemas.LogEntry.required, [
  'uid',
  'sessionId',
  'message',
  'timestamp',
  'logType',
]);
assert.deepEqual(
  components.schemas.SessionLogError.properties.message.oneOf.map(({ type }) => type),
  ['string', 'array'],
);
assert.equal(components.schemas.SessionLogError.properties.message.type, undefined);
assert.deepEqual((await documents({ list: true, openapi: false })).paths, {});
