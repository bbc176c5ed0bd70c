import type { Provider, Type } from '@nestjs/common';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../../options/resolve-options.js';
import type { SessionOpenApiOptions } from '../../options/session-logger-options.js';
import { Reporter } from '../../session-logger.reporter.js';
import { defineModels } from './define-models.js';
import { decoratorsOf } from './describe-handler.js';
import { loadSwagger, type Swagger } from './load-swagger.js';
import type { Operation } from './operation.js';
import { cancelOperation, deleteOperation } from './operations/control-operations.js';
import { historyOperation } from './operations/history-operation.js';
import { listOperation } from './operations/list-operation.js';
import { severalOperation, streamOperation } from './operations/stream-operation.js';
import { writeOperation } from './operations/write-operation.js';
import { tellAnew } from './tell-anew.js';

const TOLD = Symbol('SessionLoggerOpenApi');

/** Where `@ApiExcludeController()` of `@nestjs/swagger` says so: who wants no document need not load it. */
const EXCLUDED = 'swagger/apiExcludeController';

/**
 * Tells `@nestjs/swagger` what the endpoints do, where the application has it. Providers are made before the
 * application is at hand, and so before a document is.
 */
export function openApiProvider(controllers: readonly Type[]): Provider {
  return {
    provide: TOLD,
    inject: [RESOLVED_OPTIONS, Reporter],
    useFactory: ({ http }: ResolvedOptions, reporter: Reporter) => tell(controllers, http, reporter),
  };
}

async function tell(
  controllers: readonly Type[],
  http: ResolvedOptions['http'],
  reporter: Reporter,
): Promise<void> {
  if (http.openapi === false) return exclude(controllers);
  try {
    const swagger = await loadSwagger();
    if (swagger !== undefined) describe(swagger, controllers, http, http.openapi);
  } catch (error) {
    reporter.warn(
      'openapi',
      'The endpoints are not, or only partly, documented, as @nestjs/swagger failed. Mend it, or set ' +
        'http.openapi to false',
      error,
    );
  }
}

/** Leaves controllers out of each document. */
export function exclude(controllers: readonly Type[]): void {
  for (const controller of controllers) {
    tellAnew(controller, () => Reflect.defineMetadata(EXCLUDED, [true], controller));
  }
}

function describe(
  swagger: Swagger,
  controllers: readonly Type[],
  http: ResolvedOptions['http'],
  { tag, security }: Required<SessionOpenApiOptions>,
): void {
  const operations = operationsOf(http);
  for (const { models } of operations) defineModels(swagger, models);
  for (const controller of controllers) {
    tellAnew(controller, () => swagger.ApiTags(tag)(controller));
    for (const operation of operations) {
      const decorators = decoratorsOf(swagger, operation, http, security);
      decorate(controller.prototype as object, operation.handler, decorators);
    }
  }
}

function operationsOf(http: ResolvedOptions['http']): Operation[] {
  return [
    listOperation,
    streamOperation,
    severalOperation,
    historyOperation,
    writeOperation(http),
    cancelOperation,
    deleteOperation,
  ];
}

function decorate(prototype: object, handler: string, decorators: readonly MethodDecorator[]): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, handler);
  if (descriptor === undefined) return;
  tellAnew(descriptor.value as object, () => {
    for (const decorator of decorators) decorator(prototype, handler, descriptor);
  });
}
