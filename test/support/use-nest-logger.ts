import { Logger, type INestApplication } from '@nestjs/common';
import { SessionNestLogger } from 'nestjs-session-logger';
import { onCleanUp } from './clean-up.js';

/** Has the session logger take over Nest's logger, until {@link cleanUp}. */
export function useNestLogger(app: INestApplication): void {
  app.useLogger(app.get(SessionNestLogger));
  onCleanUp(() => Logger.overrideLogger(false));
}
