/**
 * An application in a process of its own, to which bad things happen. Its job stands in the first argument:
 * `{ task, options, … }`. It tells its parent what it has done by messages, and goes on when it is sent one.
 */
import { on, once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  readLogFiles,
  SessionLoggerModule,
  SessionLoggerService,
  SessionNestLogger,
} from 'nestjs-session-logger';

const { task, options, ...job } = JSON.parse(process.argv[2]);

/** What other modules log in their shutdown hooks, whenever these are called. */
class LateWords {
  /** @param {SessionLoggerService} logs */
  constructor(logs) {
    this.logs = logs;
  }
  onModuleDestroy = () => this.logs.logChunkToQueue('onModuleDestroy', 'late');
  beforeApplicationShutdown = () => this.logs.logChunkToQueue('beforeApplicationShutdown', 'late');
  onApplicationShutdown = () => this.logs.logChunkToQueue('onApplicationShutdown', 'late');
}
class LateModule {}
class RootModule {}
Module({})(LateModule);
Module({})(RootModule);

const lateWords = {
  provide: LateWords,
  inject: [SessionLoggerService],
  useFactory: (logs) => new LateWords(logs),
};
const imports = [
  { module: LateModule, global: true, providers: [lateWords] },
  SessionLoggerModule.forRoot({
    http: false,
    ...options,
    ...(job.throwingFormat === true && { files: { ...options.files, format: throwing } }),
    sinks: job.sink === undefined ? [] : [sinks()[job.sink]],
  }),
];
const root = { module: RootModule, imports: job.late === true ? imports : imports.slice(1) };

/** @returns {Record<string, import('nestjs-session-logger').LogSink>} */
function sinks() {
  return {
    asynchronous: { name: 'asynchronous', write: () => turn() },
    hanging: { name: 'hanging', write: () => new Promise(() => {}) },
    throwing: { name: 'throwing', write: throwing },
    rejecting: { name: 'rejecting', write: async () => throwing() },
  };
}

function throwing() {
  throw new Error('a bad day');
}

const tell = (message) => new Promise((resolve) => process.send(message, resolve));
const told = () => once(process, 'message');
const number = (from, to) => Array.from({ length: to - from }, (_, at) => String(from + at));

const tasks = {
  /** Serves the endpoint; when told, logs `count` entries to all sessions and is terminated at once. */
  async serve() {
    const app = await NestFactory.create(root, { logger: ['error'] });
    app.enableShutdownHooks([], { useProcessExit: true });
    await app.listen(0, '127.0.0.1');
    const logs = app.get(SessionLoggerService);
    await tell({ port: app.getHttpServer().address().port });
    await told();
    if (job.flood > 0) await logs.logChunkToQueue('x'.repeat(job.flood), 'stalled');
    for (const message of number(0, job.count))
      void logs.logChunkToQueue(message, `s-${message % job.sessions}`);
    process.kill(process.pid, 'SIGTERM');
  },
  /** Logs without end, and tells after each flush how many entries it flushed. */
  async flushForEver() {
    const logs = await start();
    for (let logged = 0; ;) {
      for (const message of number(logged, logged + 50))
        void logs.logChunkToQueue(`${job.round}:${message}`, 's');
      logged += 50;
      await logs.flush();
      void tell({ flushed: logged });
    }
  },
  /** Logs `count` entries and ends the process, `after` turns later, by `how`. */
  async end() {
    const logs = await start();
    for (const message of number(0, job.count)) void logs.logChunkToQueue(message, 's');
    for (let turns = 0; turns < job.after; turns++) await turn();
    if (job.how === 'throw')
      queueMicrotask(() => {
        throw new Error('nobody catches this');
      });
    else process.exit(3);
  },
  /** Says by Nest's logger why it ends, and ends by `how`, before the application is started or afterwards. */
  async lastWords() {
    // What Nest itself buffers until the start would be lost with it.
    const app = await NestFactory.create(root, { bufferLogs: job.isStarted });
    app.useLogger(app.get(SessionNestLogger));
    if (job.isStarted) await app.init();
    const logger = new Logger('Main');
    if (job.size > 0) logger.error('x'.repeat(job.size));
    logger.fatal('WHY IT ENDS');
    if (job.how === 'throw') throw new Error('nobody catches this');
    process.exit(3);
  },
  /** Logs a batch each time it is told and tells how things are. */
  async log() {
    const logs = await start();
    let read = 0;
    void (async () => {
      for await (const _ of logs.getSessionLogs('s')) read++;
    })();
    let logged = 0;
    await tell({ started: true });
    for await (const [{ count = 0, flush = false, size = 0, close = false }] of on(process, 'message')) {
      const text = 'x'.repeat(size);
      for (const message of number(logged, logged + count))
        await logs.logChunkToQueue(`${message} ${text}`, 's');
      logged += count;
      await logs.distribute({ finite: true });
      await turn();
      const flushed = flush
        ? await logs.flush().then(
            () => 'written',
            (error) => error.message,
          )
        : undefined;
      await tell({ logged, read, flushed, stats: logs.stats(), healthy: logs.isHealthy() });
      if (!close) continue;
      await logs.close();
      process.exit();
    }
  },
  /** Logs a line at each of the given times, on a clock of its own. */
  async clock() {
    const RealDate = Date;
    let now = 0;
    globalThis.Date = class extends RealDate {
      constructor(...parts) {
        super(...(parts.length === 0 ? [now] : parts));
      }
      static now = () => now;
    };
    now = RealDate.parse(job.times[0]);
    const logs = await start();
    for (const time of job.times) {
      now = RealDate.parse(time);
      await logs.logChunkToQueue(time, 's');
      await logs.flush();
    }
    await logs.close();
    process.exit();
  },
  /** Reads all files and tells how many entries there are. */
  async read() {
    let count = 0;
    for await (const _ of readLogFiles({ dir: job.dir })) count++;
    await tell({ count });
    process.exit();
  },
  /** When told, deletes sessions with their lines, one after the other, tells what that came to, and closes. */
  async erase() {
    const logs = await start();
    await tell({ started: true });
    await told();
    const failures = [];
    for (const sessionId of job.sessions) {
      const failed = ({ code, message, details }) => failures.push({ code, message, files: details?.files });
      await logs.deleteSession(sessionId, { files: true }).catch(failed);
    }
    await tell({ failures });
    await logs.close();
    process.exit();
  },
  /** Logs what it is sent, and closes. */
  async given() {
    const logs = await start();
    const refused = [];
    const [entries] = await told();
    for (const { message, sessionId } of entries) {
      await logs.logChunkToQueue(message, sessionId).catch(({ code }) => refused.push(code));
    }
    const accepted = logs.getAllLogsInQueue();
    await logs.close();
    await tell({ accepted, refused });
    process.exit();
  },
};

async function start() {
  const app = await NestFactory.createApplicationContext(root, {
    logger: ['error', 'warn'],
    abortOnError: false,
  });
  return Object.assign(app.get(SessionLoggerService), { close: () => app.close() });
}

process.once('disconnect', () => process.exit());
await tasks[task]();
