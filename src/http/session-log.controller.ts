import {
  Controller,
  Get,
  HttpException,
  Inject,
  Req,
  Res,
  ServiceUnavailableException,
  UseGuards,
  type Type,
} from '@nestjs/common';
import type { SessionGrant, SessionRequest } from '../options/authorize.js';
import type { SessionHttpOptions } from '../options/session-logger-options.js';
import { Reporter } from '../session-logger.reporter.js';
import { sendNoContent, type PlatformResponse } from './event-stream.js';
import { SessionAccess } from './session-access.js';
import { isForSeveral, readSessionsRequest } from './several/sessions-request.js';
import { SeveralSessions } from './several/several-sessions.js';
import { SseClients } from './sse-clients.js';
import { readStreamRequest, type StreamFormat, type StreamRequest } from './stream-request.js';
import type { UrlRequest } from './url-request.js';
import type { OpenedView } from './views/session-view.interface.js';
import { SessionViews } from './views/session-views.js';

/** What a store may take to open a session, in milliseconds. */
const OPEN_WITHIN = 5_000;
/** Where several sessions are followed at once. */
const SEVERAL = 'stream';

/** Makes the controller of `GET /<path>/:sessionId`: path and guards are known only when the module is defined. */
export function createSessionLogController({
  path = 'logs',
  guards = [],
}: Pick<SessionHttpOptions, 'path' | 'guards'>): Type {
  @Controller(path)
  @UseGuards(...guards)
  class SessionLogController {
    constructor(
      @Inject(SessionAccess) private readonly access: SessionAccess,
      @Inject(SessionViews) private readonly views: SessionViews,
      @Inject(SeveralSessions) private readonly several: SeveralSessions,
      @Inject(SseClients) private readonly clients: SseClients,
      @Inject(Reporter) private readonly reporter: Reporter,
    ) {}

    /** Several sessions in one stream. Before the other, whose path this is, too. */
    @Get(SEVERAL)
    async streams(@Req() request: UrlRequest, @Res() response: PlatformResponse): Promise<void> {
      // A session may be called that, or, as Express minds no case, nearly so.
      const sessionId = nameIn(request.url);
      if (sessionId !== SEVERAL || !isForSeveral(request)) {
        return this.serve(readStreamRequest(request, sessionId), request, response);
      }
      const wanted = readSessionsRequest(request);
      await this.guarded(response, 'json', async () => {
        const grants = await this.access.checkEach(request, [...wanted.from.keys()], 'read');
        this.send(response, await openSoon(this.several.open(wanted, grants)), [...grants.values()]);
      });
    }

    /** Returns once the head is sent: what interceptors do to a handler's result never touches the stream. */
    @Get(':sessionId')
    async stream(@Req() request: SessionRequest, @Res() response: PlatformResponse): Promise<void> {
      return this.serve(readStreamRequest(request), request, response);
    }

    private serve(wanted: StreamRequest, request: SessionRequest, response: PlatformResponse): Promise<void> {
      return this.guarded(response, wanted.format, async () => {
        const grant = await this.access.check(request, wanted.sessionId, 'read');
        this.send(response, await openSoon(this.views.open(wanted, grant)), [grant]);
      });
    }

    private send(
      response: PlatformResponse,
      opened: OpenedView | undefined,
      grants: readonly SessionGrant[],
    ): void {
      if (opened === undefined) return sendNoContent(response);
      const expiresAt = Math.min(...grants.map((grant) => Number(grant.expiresAt ?? Infinity)));
      this.clients.serve(response, opened.reader, opened.view, {
        expiresAt: expiresAt === Infinity ? undefined : expiresAt,
      });
    }

    private async guarded(
      response: PlatformResponse,
      format: StreamFormat,
      open: () => Promise<void>,
    ): Promise<void> {
      try {
        await open();
      } catch (error) {
        if (error instanceof HttpException) throw error;
        this.reporter.warn(
          'opening',
          'Opening a stream failed in http.authorize or in the store; its client was told to come back',
          error,
        );
        // Who reads no events would take one without any for a whole answer.
        if (format !== 'json') throw new ServiceUnavailableException();
        this.clients.sendAway(response);
      }
    }
  }
  return SessionLogController;
}

/** The name as the path has it; it may be written in other ways, which all mean the one that is routed. */
function nameIn(url: string): string {
  const name = /([^/?#]*)\/?(?:[?#]|$)/.exec(url)?.[1] ?? '';
  return name.toLowerCase() === SEVERAL ? name : SEVERAL;
}

/** Settles in time: a client is better told to come back than kept waiting for a store that is away. */
async function openSoon(opening: Promise<OpenedView | undefined>): Promise<OpenedView | undefined> {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      void opening.then(
        (opened) => opened?.reader.close(),
        () => {},
      );
      reject(new Error(`The store took longer than ${OPEN_WITHIN} ms`));
    }, OPEN_WITHIN);
  });
  return Promise.race([opening, late]).finally(() => clearTimeout(timer));
}
