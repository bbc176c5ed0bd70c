import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionLoggerModule, SessionLoggerService } from 'nestjs-session-logger';

class RootModule {}
Module({})(RootModule);

/**
 * The service with the daily file, in an application without an endpoint.
 *
 * @type {import('./peer.d.mts').OpenFile}
 */
export async function open(dir) {
  const imports = [SessionLoggerModule.forRoot({ files: { dir }, http: false })];
  const app = await NestFactory.createApplicationContext({ module: RootModule, imports }, { logger: false });
  const logs = app.get(SessionLoggerService);
  return {
    log: (message, sessionId) => logs.logChunkToQueue(message, sessionId),
    finish: () => logs.flush(),
    close: () => app.close(),
  };
}
