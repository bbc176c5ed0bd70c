import { Module } from '@nestjs/common';
import { SessionLoggerModule, SessionLoggerService } from 'nestjs-session-logger';
import { startNest } from './nest.mjs';

class RootModule {}
Module({})(RootModule);

/**
 * The endpoint as users have it: ids, heartbeats and limits by default, and an access check.
 *
 * @type {import('./peer.d.mts').StartPeer}
 */
export async function start() {
  const module = SessionLoggerModule.forRoot({ files: false, http: { authorize: () => true } });
  const { app, port } = await startNest({ module: RootModule, imports: [module] });
  const logs = app.get(SessionLoggerService);
  return {
    port,
    clients: () => logs.stats().readers,
    publish: async (turn) => {
      for (const { sessionId, message } of turn) await logs.logChunkToQueue(message, sessionId);
    },
  };
}
