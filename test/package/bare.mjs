// An app without any optional peer: it starts and logs, and who wants more is told what to install.
import assert from 'node:assert/strict';
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionLoggerModule, SessionLoggerService } from 'nestjs-session-logger';
import { openTelemetry } from 'nestjs-session-logger/opentelemetry';
import { redisStore } from 'nestjs-session-logger/redis';
import 'nestjs-session-logger/testing';

/** Starts an application without a server. */
function start(options) {
  class AppModule {}
  Module({ imports: [SessionLoggerModule.forRoot({ files: false, ...options })] })(AppModule);
  return NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
}

for (const options of [{}, { http: false }]) {
  const app = await start(options);
  const logs = app.get(SessionLoggerService);
  await logs.logChunkToQueue('it works', 'demo');
  await logs.endSession('demo');
  for await (const message of logs.getSessionLogs('demo')) assert.equal(message, 'it works');
  await app.close();
}

await assert.rejects(start({ store: redisStore({ url: 'redis://127.0.0.1:1' }) }), /npm install ioredis/);
assert.throws(() => openTelemetry(), /npm install @opentelemetry\/api/);
await assert.rejects(import('nestjs-session-logger/terminus'), /@nestjs\/terminus/);
