// An app without any optional peer: it starts and logs, and who wants more is told what to install.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionLoggerModule, SessionLoggerService } from 'nestjs-session-logger';
import { redisStore } from 'nestjs-session-logger/redis';
import { followSession } from 'nestjs-session-logger/client';
import { collectSession, installFakeClock } from 'nestjs-session-logger/testing';

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
  assert.equal((await collectSession(logs, 'demo')).text, 'it works');
  await app.close();
}

await assert.rejects(start({ store: redisStore({ url: 'redis://127.0.0.1:1' }) }), /npm install ioredis/);
await assert.rejects(installFakeClock(), /npm install --save-dev @sinonjs\/fake-timers/);
await assert.rejects(import('nestjs-session-logger/opentelemetry'), /@opentelemetry\/api/);
await assert.rejects(import('nestjs-session-logger/terminus'), /@nestjs\/terminus/);
assert.equal(typeof followSession, 'function');
assert.match(
  execFileSync('node_modules/.bin/nestjs-session-logger', ['--help'], { encoding: 'utf8' }),
  /tail <url>/,
);
