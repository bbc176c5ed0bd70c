// A CommonJS app that has @nestjs/swagger.
const assert = require('node:assert/strict');
require('reflect-metadata');
const { Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { DocumentBuilder, SwaggerModule } = require('@nestjs/swagger');
const { SessionLoggerModule } = require('nestjs-session-logger');

class AppModule {}
Module({ imports: [SessionLoggerModule.forRoot({ files: false })] })(AppModule);

async function main() {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  const { paths } = SwaggerModule.createDocument(app, new DocumentBuilder().build());
  await app.close();
  assert.deepEqual(Object.keys(paths), ['/logs/stream', '/logs/{sessionId}']);
  assert.ok('text/event-stream' in paths['/logs/{sessionId}'].get.responses[200].content);
}

void main();
