// A user's smallest app, in an empty folder, on the platform that is named: one session, read back over HTTP and from the file.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionLoggerModule, SessionLoggerService } from 'nestjs-session-logger';

const [, , platform] = process.argv;
const adapters = {
  express: async () => new (await import('@nestjs/platform-express')).ExpressAdapter(),
  fastify: async () =>
    new (await import('@nestjs/platform-fastify')).FastifyAdapter({ routerOptions: { maxParamLength: 128 } }),
};

const dir = `logs-${process.version}-${platform}`;
class AppModule {}
Module({ imports: [SessionLoggerModule.forRoot({ files: { dir } })] })(AppModule);

const app = await NestFactory.create(AppModule, await adapters[platform](), { logger: ['error', 'warn'] });
await app.listen(0, '127.0.0.1');
const logs = app.get(SessionLoggerService);
await logs.logChunkToQueue('it works', 'demo');
await logs.endSession('demo');
const response = await fetch(`${await app.getUrl()}/logs/demo`);
assert.equal(response.headers.get('content-type'), 'text/event-stream');
const stream = await response.text();
assert.match(stream, /^id: .+-1\ndata: .*"message":"it works"/m);
assert.match(stream, /^event: end$/m);
await app.close();
const [file] = readdirSync(dir);
assert.match(readFileSync(`${dir}/${file}`, 'utf8'), /"message":"it works"/);
