// A CommonJS app requires the package, as the output of its TypeScript does.
const assert = require('node:assert/strict');
require('reflect-metadata');
const { Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { SessionLoggerModule, SessionLoggerService } = require('nestjs-session-logger');
for (const entry of ['redis', 'testing', 'opentelemetry', 'terminus'])
  require(`nestjs-session-logger/${entry}`);

class AppModule {}
Module({ imports: [SessionLoggerModule.forRoot({ files: false })] })(AppModule);

async function main() {
  const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
  await app.listen(0, '127.0.0.1');
  const logs = app.get(SessionLoggerService);
  await logs.logChunkToQueue('it works', 'demo');
  await logs.endSession('demo');
  const stream = await (await fetch(`${await app.getUrl()}/logs/demo`)).text();
  assert.match(stream, /"message":"it works"/);
  assert.match(stream, /^event: end$/m);
  await app.close();
}

void main();
