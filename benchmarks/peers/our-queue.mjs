import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionLoggerModule, SessionLoggerService } from 'nestjs-session-logger';

class RootModule {}
Module({})(RootModule);

/**
 * The service in an application without files and endpoint, with room for all sessions and two readers of each.
 *
 * @param {readonly string[]} sessionIds
 * @param {import('nestjs-session-logger').SessionStore} [store] instead of the one in memory
 */
export async function openOurQueue(sessionIds, store) {
  const { length } = sessionIds;
  const limits = { sessions: Math.max(10_000, length), readers: Math.max(50_000, 2 * length) };
  const imports = [
    SessionLoggerModule.forRoot({ files: false, http: false, limits, ...(store && { store }) }),
  ];
  const app = await NestFactory.createApplicationContext({ module: RootModule, imports }, { logger: false });
  const logs = app.get(SessionLoggerService);
  return {
    log: (message, sessionId) => logs.logChunkToQueue(message, sessionId),
    read: (sessionId) => logs.getSessionLogs(sessionId),
    readers: () => logs.stats().readers,
    close: () => app.close(),
  };
}
