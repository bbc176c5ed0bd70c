import type { Provider, Type } from '@nestjs/common';
import type { SessionHttpOptions } from '../options/session-logger-options.js';
import { Answer } from './answer.js';
import { SessionHistory } from './history/session-history.js';
import { FastifySetup } from './fastify-setup.js';
import { SessionAccess } from './session-access.js';
import { createSessionControlController } from './session-control.controller.js';
import { createSessionHistoryController } from './session-history.controller.js';
import { createSessionListController } from './session-list.controller.js';
import { createSessionLogController } from './session-log.controller.js';
import { createSessionWriteController } from './session-write.controller.js';
import { SseClients } from './sse-clients.js';
import { Idempotency } from './writing/idempotency.js';

/** What the controllers need besides the service. */
export const sessionHttpProviders: Provider[] = [
  Answer,
  FastifySetup,
  Idempotency,
  SessionAccess,
  SessionHistory,
  SseClients,
];

/** All controllers, made for one path and its guards, which are known only when the module is defined. */
export function createSessionControllers(http: Pick<SessionHttpOptions, 'path' | 'guards'>): Type[] {
  return [
    createSessionListController(http),
    createSessionHistoryController(http),
    createSessionLogController(http),
    createSessionWriteController(http),
    createSessionControlController(http),
  ];
}
