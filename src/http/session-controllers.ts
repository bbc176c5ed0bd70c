import type { ModuleMetadata, Provider, Type } from '@nestjs/common';
import type { SessionHttpOptions } from '../options/session-logger-options.js';
import { Answer } from './answer.js';
import { SessionHistory } from './history/session-history.js';
import { FastifySetup } from './fastify-setup.js';
import { exclude, openApiProvider } from './openapi/open-api.js';
import { SessionAccess } from './session-access.js';
import { createSessionControlController } from './session-control.controller.js';
import { createSessionHistoryController } from './session-history.controller.js';
import { createSessionListController } from './session-list.controller.js';
import { createSessionLogController } from './session-log.controller.js';
import { createSessionWriteController } from './session-write.controller.js';
import { SeveralSessions } from './several/several-sessions.js';
import { SseClients } from './sse-clients.js';
import { createSessionViewerController, VIEWER_PROVIDERS } from './viewer/session-viewer.controller.js';
import { SessionViews } from './views/session-views.js';
import { Idempotency } from './writing/idempotency.js';

/** What the controllers need besides the service. */
const PROVIDERS: Provider[] = [
  Answer,
  FastifySetup,
  Idempotency,
  SessionAccess,
  SessionHistory,
  SessionViews,
  SeveralSessions,
  SseClients,
];

/**
 * All controllers, made for one path and its guards, which are known only when the module is defined, and what they need.
 *
 * @param name of the logger; their classes bear it, too, so that those of two loggers are told from each other
 * @param viewerPath where the viewer is, if there is one
 */
export function createSessionHttp(
  http: Pick<SessionHttpOptions, 'path' | 'guards'>,
  name: string | undefined,
  viewerPath: string | undefined,
): Required<Pick<ModuleMetadata, 'controllers' | 'providers'>> {
  const pages = viewerPath === undefined ? [] : [createSessionViewerController(viewerPath, http)];
  const endpoints = [
    createSessionListController(http),
    createSessionHistoryController(http),
    createSessionLogController(http),
    createSessionWriteController(http),
    createSessionControlController(http),
  ];
  const controllers = [...endpoints, ...pages];
  // A page is no endpoint of an API.
  exclude(pages);
  if (name !== undefined)
    for (const controller of controllers) rename(controller, `${controller.name}_${name}`);
  const viewer = viewerPath === undefined ? [] : VIEWER_PROVIDERS;
  return { controllers, providers: [...PROVIDERS, ...viewer, openApiProvider(endpoints)] };
}

function rename(controller: Type, name: string): void {
  Object.defineProperty(controller, 'name', { value: name, configurable: true });
}
