import type { Provider } from '@nestjs/common';
import { SessionContextInterceptor } from './session-context.interceptor.js';
import { SessionContextMiddleware } from './session-context.middleware.js';
import { SessionFinder } from './session-finder.js';
import { SessionNestLogger } from './session-nest-logger.js';

/** What of this room an application may inject, or mount in modules of its own. */
export const sessionContextExports = [SessionContextInterceptor, SessionFinder, SessionNestLogger];

/** The parts of this room. */
export const sessionContextProviders: Provider[] = [...sessionContextExports, SessionContextMiddleware];
