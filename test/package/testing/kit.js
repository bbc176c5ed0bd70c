// The testing kit in the hands of a user, whose test runner hands in `describe` and `it`.
import assert from 'node:assert/strict';
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { SessionLoggerModule, SessionLoggerService } from 'nestjs-session-logger';
import {
  collectSession,
  describeSessionStore,
  installFakeClock,
  logInMemory,
  openEventStream,
  SessionLoggerTestingModule,
} from 'nestjs-session-logger/testing';
import { MemoryStore } from './node_modules/nestjs-session-logger/dist/store/memory-store.js';

const MINUTE = 60_000;

class AppModule {}
Module({
  imports: [SessionLoggerModule.forRoot({ files: { dir: '/proc/nowhere' }, http: { heartbeat: false } })],
})(AppModule);

async function unit(options) {
  const module = await Test.createTestingModule({
    imports: [SessionLoggerTestingModule.forRoot(options)],
  }).compile();
  return module.init();
}

export function describeKit({ describe, it }) {
  describe('the testing kit', () => {
    it('collects what a service logs', async () => {
      const module = await unit();
      const logs = module.get(SessionLoggerService);
      for (const chunk of ['Hel', 'lo']) await logs.logChunkToQueue(chunk, 's');
      await logs.endSession('s');
      const { text, end } = await collectSession(logs, 's');
      assert.deepEqual([text, end], ['Hello', { reason: 'completed' }]);
      await assert.rejects(collectSession(logs, 's', { until: 3 }), { code: 'NOT_RECEIVED' });
      await module.close();
    });

    it('streams from an application in memory, and goes on behind what was received', async () => {
      const builder = logInMemory(Test.createTestingModule({ imports: [AppModule] }));
      const app = await (await builder.compile()).createNestApplication(undefined, { logger: false }).init();
      const logs = app.get(SessionLoggerService);
      const stream = await openEventStream(app.getHttpServer(), '/logs/s');
      for (const chunk of ['a', 'b', 'c']) await logs.logChunkToQueue(chunk, 's');
      assert.equal((await stream.collect({ until: 2 })).text, 'ab');
      stream.close();
      await logs.endSession('s');
      const { lastEventId } = stream;
      const resumed = await openEventStream(app.getHttpServer(), '/logs/s', { lastEventId });
      assert.equal((await resumed.collect()).text, 'c');
      assert.equal(await resumed.next(), undefined);
      await app.close();
    });

    it('moves time', async () => {
      const clock = await installFakeClock({ now: '2026-01-01T00:00:00Z' });
      const module = await unit({ limits: { sessionEnded: 5 * MINUTE } });
      const logs = module.get(SessionLoggerService);
      await logs.logChunkToQueue('a', 's');
      await logs.endSession('s');
      const { entries } = await collectSession(logs, 's');
      assert.equal(entries[0].timestamp, '2026-01-01T00:00:00.000Z');
      const idle = logs.getSessionLogs('other', { idleTimeout: MINUTE }).next();
      await clock.advance(5 * MINUTE);
      assert.deepEqual([await idle, logs.allSessionsInQueues], [{ done: true, value: undefined }, []]);
      await module.close();
      clock.restore();
      assert.notEqual(new Date().toISOString().slice(0, 15), '2026-01-01T00:0');
    });
  });

  describeSessionStore({ describe, it }, { name: 'a store', create: (limits) => new MemoryStore(limits) });
}
