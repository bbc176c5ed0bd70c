import { Module } from '@nestjs/common';
import { SessionLoggerModule, SessionLoggerService } from 'nestjs-session-logger';
import { redisStore } from 'nestjs-session-logger/redis';
import { startNest } from './nest.mjs';

class RootModule {}
Module({})(RootModule);

/**
 * One application that logs: everything by default, without files.
 *
 * @type {import('./peer.d.mts').ReplicaPeer['startWriter']}
 */
export async function startWriter(url) {
  const { logs } = await startApp(url);
  return {
    publish: async (turn) => {
      for (const { sessionId, message } of turn) await logs.logChunkToQueue(message, sessionId);
    },
    check: () => logs.flush(),
  };
}

/**
 * Another one that serves the endpoint.
 *
 * @type {import('./peer.d.mts').ReplicaPeer['startReader']}
 */
export async function startReader(url) {
  const { logs, port } = await startApp(url);
  return { port, clients: () => logs.stats().readers };
}

/** @param {string} url */
async function startApp(url) {
  const store = redisStore({ url });
  const module = SessionLoggerModule.forRoot({ files: false, http: { authorize: () => true }, store });
  const { app, port } = await startNest({ module: RootModule, imports: [module] });
  return { logs: app.get(SessionLoggerService), port };
}
