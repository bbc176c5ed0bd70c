import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { SessionLoggerOptions } from 'nestjs-session-logger';
import { onCleanUp } from './clean-up.js';
import { startApp, type TestApp } from './test-app.js';

/**
 * Starts an application for clients that go by `fetch`. That of Node 20 opens a connection in place of one that was left,
 * and no server closes one without a request.
 */
export async function startFetchServer(options: SessionLoggerOptions = {}): Promise<TestApp> {
  const started = await startApp(options);
  const server = started.app.getHttpServer() as Server;
  onCleanUp(() => {
    server.on('connection', (socket: Socket) => socket.destroy());
    server.closeAllConnections();
  });
  return started;
}
