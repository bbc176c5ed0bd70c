import { ForbiddenException, Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { SessionAction, SessionGrant, SessionRequest } from '../options/authorize.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../options/resolve-options.js';
import { Reporter } from '../session-logger.reporter.js';

/** Decides who may read which session. */
@Injectable()
export class SessionAccess implements OnModuleInit {
  private readonly isOpen: boolean;

  constructor(
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(Reporter) private readonly reporter: Reporter,
  ) {
    const { authorize, guards } = options.http;
    this.isOpen = authorize !== undefined || guards.length > 0 || process.env.NODE_ENV !== 'production';
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
    const { authorize } = this.options.http;
    if (!this.isOpen) throw new ForbiddenException();
    if (authorize === undefined || authorize === 'none') return {};
    const verdict = await authorize(request, sessionId, action);
    if (verdict === true) return {};
    if (typeof verdict !== 'object' || verdict === null || isExpired(verdict)) throw new ForbiddenException();
    return verdict;
  }
}

/** Also true for a time that is none, so that a mistake never opens a stream for ever. */
function isExpired({ expiresAt }: SessionGrant): boolean {
  return expiresAt !== undefined && !(Number(expiresAt) > Date.now());
}
