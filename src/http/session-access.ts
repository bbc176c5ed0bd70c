import {
  ForbiddenException,
  HttpException,
  Inject,
  Injectable,
  ServiceUnavailableException,
  type OnModuleInit,
} from '@nestjs/common';
import type {
  SessionAction,
  SessionGrant,
  SessionIdFilter,
  SessionRequest,
  SessionVerdict,
} from '../options/authorize.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../options/resolve-options.js';
import { Reporter } from '../session-logger.reporter.js';

/** Whether anybody may get in at all. */
export function isOpen({ authorize, guards }: ResolvedOptions['http']): boolean {
  return authorize !== undefined || guards.length > 0 || process.env.NODE_ENV !== 'production';
}

/** Decides who may do what with which session. */
@Injectable()
export class SessionAccess implements OnModuleInit {
  private readonly isOpen: boolean;

  constructor(
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(Reporter) private readonly reporter: Reporter,
  ) {
    this.isOpen = isOpen(options.http);
  }

  onModuleInit(): void {
    if (this.isOpen) return;
    this.reporter.error(
      `GET /${this.options.http.path}/:sessionId answers 403 to everybody: with NODE_ENV=production somebody has to ` +
        "decide who may read. Set http.guards or http.authorize, or http.authorize: 'none' to let everybody in.",
    );
  }

  /**
   * What the client may see.
   *
   * @throws ForbiddenException the client may not
   * @throws whatever `authorize` threw
   */
  async check(request: SessionRequest, sessionId: string, action: SessionAction): Promise<SessionGrant> {
    const verdict = await this.ask(request, sessionId, action);
    return this.grantOf(verdict);
  }

  /**
   * As {@link check}, of several sessions: one refusal refuses all. Guards decide about a request, and not about each of
   * them, so that without `authorize` nobody gets in past these.
   */
  async checkEach(
    request: SessionRequest,
    sessionIds: readonly string[],
    action: SessionAction,
  ): Promise<Map<string, SessionGrant>> {
    const { authorize, guards } = this.options.http;
    if (authorize === undefined && guards.length > 0) {
      this.reporter.warn('several', NOT_EACH);
      throw new ForbiddenException();
    }
    const grants = await Promise.all(sessionIds.map((sessionId) => this.check(request, sessionId, action)));
    return new Map(sessionIds.map((sessionId, at) => [sessionId, grants[at]!]));
  }

  /**
   * As {@link check}, for clients that do not come back by themselves.
   *
   * @throws ServiceUnavailableException where `authorize` threw anything but an HttpException
   */
  checkNow(request: SessionRequest, sessionId: string, action: SessionAction): Promise<SessionGrant> {
    return this.available(this.check(request, sessionId, action));
  }

  /** Which sessions the client may see in a list. Throws as {@link checkNow}. */
  async checkList(request: SessionRequest): Promise<SessionIdFilter> {
    const verdict = await this.available(this.ask(request, '', 'list'));
    if (typeof verdict === 'function') return this.safe(verdict);
    this.grantOf(verdict);
    return () => true;
  }

  /** A mistake refuses, and is told: what is no grant may have been meant as anything. */
  private grantOf(verdict: unknown): SessionGrant {
    if (verdict === true) return {};
    if (isGrant(verdict) && !isExpired(verdict)) return verdict;
    if (isMistaken(verdict)) this.reporter.warn('grant', NO_GRANT);
    throw new ForbiddenException();
  }

  private async ask(
    request: SessionRequest,
    sessionId: string,
    action: SessionAction,
  ): Promise<SessionVerdict> {
    const { authorize } = this.options.http;
    if (!this.isOpen) throw new ForbiddenException();
    if (authorize === undefined || authorize === 'none') return true;
    return authorize(request, sessionId, action);
  }

  private async available<T>(asking: Promise<T>): Promise<T> {
    try {
      return await asking;
    } catch (error) {
      if (error instanceof HttpException) throw error;
      this.reporter.warn('authorize', 'http.authorize threw; the request was answered 503', error);
      throw new ServiceUnavailableException();
    }
  }

  /** A filter that throws hides a session. */
  private safe(filter: SessionIdFilter): SessionIdFilter {
    return (sessionId) => {
      try {
        const verdict: unknown = filter(sessionId);
        return verdict === true;
      } catch (error) {
        this.reporter.warn(
          'authorize',
          'The filter of http.authorize threw; the session was not listed',
          error,
        );
        return false;
      }
    };
  }
}

const GRANT_KEYS: ReadonlySet<string> = new Set([
  'expiresAt',
  'types',
  'minLevel',
] satisfies (keyof SessionGrant)[]);

const NOT_EACH =
  'A request for several sessions was answered 403: http.guards decide about a request, and not about each session. Set ' +
  "http.authorize, which is asked for each, or http.authorize: 'none' where whoever passes the guards may read all";

const NO_GRANT =
  'http.authorize answered with what is neither true, false nor a grant, and the request was answered 403. ' +
  `Return true, false or a plain object with nothing but ${[...GRANT_KEYS].join(', ')}`;

function isGrant(verdict: unknown): verdict is SessionGrant {
  if (typeof verdict !== 'object' || verdict === null) return false;
  const prototype: unknown = Object.getPrototypeOf(verdict);
  if (prototype !== Object.prototype && prototype !== null) return false;
  const { types } = verdict as SessionGrant;
  return Reflect.ownKeys(verdict).every(isGrantKey) && (types === undefined || Array.isArray(types));
}

function isGrantKey(key: string | symbol): boolean {
  return typeof key === 'string' && GRANT_KEYS.has(key);
}

/** Whether it is neither a grant nor a plain no. */
function isMistaken(verdict: unknown): boolean {
  return verdict !== false && verdict !== undefined && verdict !== null && !isGrant(verdict);
}

/** Also true for a time that is none, so that a mistake never opens a stream for ever. */
function isExpired({ expiresAt }: SessionGrant): boolean {
  return expiresAt !== undefined && !(Number(expiresAt) > Date.now());
}
