import { Inject, Injectable, type NestMiddleware } from '@nestjs/common';
import { runInSession } from '../entry/current-session.js';
import type { SessionRequest } from '../options/authorize.js';
import { SessionFinder } from './session-finder.js';

/** Handles each HTTP request within its session. Mounted by the module on all routes where `context.from` is set. */
@Injectable()
export class SessionContextMiddleware implements NestMiddleware<SessionRequest> {
  constructor(@Inject(SessionFinder) private readonly finder: SessionFinder) {}

  use(request: SessionRequest, _: unknown, next: () => void): void {
    const sessionId = this.finder.find({ type: 'http', request });
    if (sessionId === undefined) next();
    else runInSession(sessionId, next);
  }
}
