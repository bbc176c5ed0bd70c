/** A replica in a process of its own: serves the sessions of a Redis at the port that it is given. */
import 'reflect-metadata';
import { on } from 'node:events';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionLoggerModule, SessionLoggerService } from 'nestjs-session-logger';
import { redisStore } from 'nestjs-session-logger/redis';

const { url, port } = JSON.parse(process.argv[2]);

class RootModule {}
Module({
  imports: [
    SessionLoggerModule.forRoot({
      files: false,
      store: redisStore({ url, checkInterval: 500 }),
      http: { retry: 10 },
      limits: { sessionEntries: 100_000 },
    }),
  ],
})(RootModule);

const app = await NestFactory.create(RootModule, { logger: ['error'] });
const logs = app.get(SessionLoggerService);
await app.listen(port, '127.0.0.1');
process.once('disconnect', () => process.exit());
process.send({ port });

// Logs what it is told, and tells when Redis has it.
for await (const [{ sessionId, messages }] of on(process, 'message')) {
  for (const message of messages) void logs.logChunkToQueue(message, sessionId);
  await logs.flush();
  process.send({ stored: true });
}
