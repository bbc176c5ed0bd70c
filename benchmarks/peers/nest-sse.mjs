import { Controller, Module, Req, Sse } from '@nestjs/common';
import { Subject } from 'rxjs';
import { entryMaker } from './entries.mjs';
import { decorate, startNest } from './nest.mjs';

/** @type {Map<string, Subject<import('@nestjs/common').MessageEvent>>} */
const subjects = new Map();
let clients = 0;

/** @param {string} sessionId */
function subjectOf(sessionId) {
  let subject = subjects.get(sessionId);
  if (subject === undefined) subjects.set(sessionId, (subject = new Subject()));
  return subject;
}

class LogsController {
  /** @param {{ params: { sessionId: string } }} request */
  stream({ params }) {
    clients++;
    return subjectOf(params.sessionId);
  }
}
Controller('logs')(LogsController);
Req()(LogsController.prototype, 'stream', 0);
decorate(LogsController, 'stream', Sse(':sessionId'));

class RootModule {}
Module({ controllers: [LogsController] })(RootModule);

/**
 * Nest's `@Sse()` on a `Subject` a session. The JSON is made once for all clients.
 *
 * @type {import('./peer.d.mts').StartPeer}
 */
export async function start() {
  const { port } = await startNest({ module: RootModule });
  const makeEntry = entryMaker();
  return {
    port,
    clients: () => clients,
    publish: (turn) => {
      for (const { sessionId, message } of turn) {
        const { id, json } = makeEntry(sessionId, message);
        subjectOf(sessionId).next({ id, data: json });
      }
    },
  };
}
