import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Observable } from 'rxjs';
import { currentSessionId, runInSession } from '../entry/current-session.js';
import { carrierOf, SessionFinder } from './session-finder.js';

/**
 * Calls handlers within their session, where that is known only after guards and routing, or there is no HTTP request:
 * for route params, `request.user`, messages of microservices and WebSockets. Mount it where it is wanted, by
 * `@UseInterceptors(SessionContextInterceptor)` or as an `APP_INTERCEPTOR`.
 */
@Injectable()
export class SessionContextInterceptor implements NestInterceptor {
  constructor(@Inject(SessionFinder) private readonly finder: SessionFinder) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const sessionId = this.finder.find(carrierOf(context));
    if (sessionId === undefined || sessionId === currentSessionId()) return next.handle();
    return new Observable((subscriber) => runInSession(sessionId, () => next.handle().subscribe(subscriber)));
  }
}
