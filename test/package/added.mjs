// Starts an application that has been built, and logs a session that is read back over HTTP.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import { SessionLoggerService } from 'nestjs-session-logger';

const file = ['./dist/app.module.js', './dist/src/app.module.js'].find((path) => existsSync(path));
const { AppModule } = await import(file);
const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'], abortOnError: false });
await app.listen(0, '127.0.0.1');
const logs = app.get(SessionLoggerService);
await logs.logChunkToQueue('it works', 'demo');
await logs.endSession('demo');
const stream = await (await fetch(`${await app.getUrl()}/logs/demo`)).text();
assert.match(stream, /"message":"it works"[^]*event: end/);
await app.close();
