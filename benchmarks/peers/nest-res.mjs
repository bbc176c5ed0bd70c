import { Controller, Get, Module, Res } from '@nestjs/common';
import { decorate, startNest } from './nest.mjs';

let clients = 0;

class LogsController {
  /** @param {import('node:http').ServerResponse} response */
  stream(response) {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
    response.flushHeaders();
    clients++;
    response.on('close', () => clients--);
  }
}
Controller('logs')(LogsController);
Res()(LogsController.prototype, 'stream', 0);
decorate(LogsController, 'stream', Get(':sessionId'));

class RootModule {}
Module({ controllers: [LogsController] })(RootModule);

/**
 * A response that a Nest controller holds open by `@Res()`, and writes nothing to.
 *
 * @type {() => Promise<Pick<import('./peer.d.mts').Peer, 'port' | 'clients'>>}
 */
export async function start() {
  const { port } = await startNest({ module: RootModule });
  return { port, clients: () => clients };
}
