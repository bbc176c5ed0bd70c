import { Inject } from '@nestjs/common';
import { SessionLoggerService } from './session-logger.service.js';

/**
 * Injection token of a session logger: for `app.get(…)`, `inject: […]` and `overrideProvider(…)`.
 *
 * @param name the `name` given to `forRoot`; undefined for the logger without one, whose token is the class
 */
export function getSessionLoggerToken(name?: string): typeof SessionLoggerService | string {
  return name === undefined ? SessionLoggerService : `SessionLoggerService(${name})`;
}

/**
 * Injects the {@link SessionLoggerService} of the logger of that name:
 *
 * ```ts
 * constructor(@InjectSessionLogger('audit') private readonly audit: SessionLoggerService) {}
 * ```
 *
 * @param name the `name` given to `forRoot`; undefined for the logger without one
 */
export function InjectSessionLogger(name?: string): ParameterDecorator & PropertyDecorator {
  return Inject(getSessionLoggerToken(name));
}
