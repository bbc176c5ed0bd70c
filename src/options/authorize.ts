import type { IncomingHttpHeaders } from 'node:http';
import type { LogEntryLevel, LogType } from '../entry/log-entry.js';

/**
 * What a client wants: to follow a session (`read`), to read its past (`history`), to log into it (`write`), to
 * `cancel` or `delete` it, or to `list` all sessions, for which the session id is empty.
 */
export type SessionAction = 'read' | 'history' | 'write' | 'cancel' | 'delete' | 'list';

/** What an authorizer sees of a request: the platform's own, of which these parts are alike everywhere. */
export interface SessionRequest {
  readonly headers: IncomingHttpHeaders;
  /** Path parameters. */
  readonly params: unknown;
  /** Query parameters. */
  readonly query: unknown;
  /** What a guard has put there, if any. */
  readonly user?: unknown;
}

/** What an authorizer may answer in place of true: a read that is limited in time or to some entries. */
export interface SessionGrant {
  /** When the stream is closed: a Date, or milliseconds since 1970. Default: never. */
  expiresAt?: Date | number | undefined;
  /** The entry types that may be seen. Default: all. */
  types?: readonly LogType[] | undefined;
  /** The least severe level of `log` entries that may be seen. Default: all. */
  minLevel?: LogEntryLevel | undefined;
}

/** What an authorizer answers; a filter only to `list`. */
export type SessionVerdict = boolean | SessionGrant | SessionIdFilter;

/** Which sessions a client is shown in a list: those for which it returns true. */
export type SessionIdFilter = (sessionId: string) => boolean;

/**
 * Decides on one client before a byte is sent. Only `true` or a grant lets it in, and a filter where it wants a
 * list; anything else is answered 403, whether the session exists or not. A thrown `HttpException` is answered as it is; any other error is
 * passing trouble: the client is told to come back in a while.
 *
 * Annotate `request` with your platform's type (Express' or Fastify's `Request`) where you need more of it.
 */
export type Authorize = {
  authorize(
    request: SessionRequest,
    sessionId: string,
    action: SessionAction,
  ): SessionVerdict | Promise<SessionVerdict>;
}['authorize'];
