/**
 * A replica in a process of its own, of the built package, with its sessions in Redis. Its job stands in the
 * first argument: `{ task, store, options, … }`. It tells its parent what it has done by messages.
 */
import { on } from 'node:events';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionLoggerModule, SessionLoggerService } from 'nestjs-session-logger';
import { redisStore } from 'nestjs-session-logger/redis';

const { task, store, options, ...job } = JSON.parse(process.argv[2]);

class RootModule {}
Module({})(RootModule);

const module = SessionLoggerModule.forRoot({ files: false, ...options, store: redisStore(store) });
const root = { module: RootModule, imports: [module] };

const tell = (message) => new Promise((resolve) => process.send(message, resolve));

const tasks = {
  /** Starts, tells how that went, and has nothing more to do. */
  async start() {
    // The parent's channel would keep it alive.
    process.channel.unref();
    const app = await NestFactory.createApplicationContext(root, {
      logger: ['error', 'warn'],
      abortOnError: false,
    }).catch(async (error) => void (await tell({ name: error.name, code: error.code })));
    if (app === undefined) return;
    await app.get(SessionLoggerService).logChunkToQueue('waits', 's');
    await tell({ started: true });
    await app.close();
  },
  /** Serves the endpoint, and logs what it is sent. */
  async serve() {
    const app = await NestFactory.create(root, { logger: ['error'] });
    await app.listen(0, '127.0.0.1');
    const logs = app.get(SessionLoggerService);
    await tell({ port: app.getHttpServer().address().port });
    for await (const [{ messages, sessionId }] of on(process, 'message')) {
      for (const message of messages) await logs.logChunkToQueue(message, sessionId);
      await logs.distribute({ finite: true });
      await tell({ logged: messages.length });
    }
  },
  /** Pops a session: tells each message, and goes on when it is sent one. */
  async pop() {
    const app = await NestFactory.createApplicationContext(root, { logger: ['error'] });
    const told = on(process, 'message');
    for await (const message of app.get(SessionLoggerService).pop(job.sessionId)) {
      await tell({ message });
      await told.next();
    }
    await app.close();
    process.exit();
  },
};

process.once('disconnect', () => process.exit());
await tasks[task]();
