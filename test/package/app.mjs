// A user's smallest app, run on the packed package in an empty folder: one session, read back over HTTP.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionLoggerModule, SessionLoggerService } from 'nestjs-session-logger';

class AppModule {}
Module({ imports: [SessionLoggerModule.forRoot()] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
await app.listen(0, '127.0.0.1');
const logs = app.get(SessionLoggerService);
await logs.logChunkToQueue('it works', 'demo');
await logs.endSession('demo');
const response = await fetch(`${await app.getUrl()}/logs/demo`);
process.stdout.write(await response.text());
await app.close();

// Nobody needs ioredis who does not use it; who does is told to install it.
const { redisStore } = await import('nestjs-session-logger/redis');
const store = redisStore({ url: 'redis://127.0.0.1:1' });
class RedisAppModule {}
Module({ imports: [SessionLoggerModule.forRoot({ files: false, http: false, store })] })(RedisAppModule);
const start = NestFactory.createApplicationContext(RedisAppModule, { logger: false, abortOnError: false });
const told = await start.then(
  () => 'started without ioredis',
  (error) => error.message,
);
process.stdout.write(`${told}\n`);
