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
import type { SessionRequest } from '../options/authorize.js';
import type { SessionHttpOptions } from '../options/session-logger-options.js';
import { Reporter } from '../session-logger.reporter.js';
import { sendNoContent, type PlatformResponse } from './event-stream.js';
import { SessionAccess } from './session-access.js';
import { SseClients } from './sse-clients.js';
import { readStreamRequest } from './stream-request.js';
import { SessionViews, type OpenedView } from './views/session-views.js';

/** What a store may take to open a session, in milliseconds. */
const OPEN_WITHIN = 5_000;

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
      @Inject(SseClients) private readonly clients: SseClients,
      @Inject(Reporter) private readonly reporter: Reporter,
    ) {}

    /** Returns once the head is sent: what interceptors do to a handler's result never touches the stream. */
    @Get(':sessionId')
    async stream(@Req() request: SessionRequest, @Res() response: PlatformResponse): Promise<void> {
      const wanted = readStreamRequest(request);
      try {
        const grant = await this.access.check(request, wanted.sessionId, 'read');
        const opened = await openSoon(this.views.open(wanted, grant));
        if (opened === undefined) return sendNoContent(response);
        const { expiresAt } = grant;
        this.clients.serve(response, opened.reader, opened.view, {
          expiresAt: expiresAt === undefined ? undefined : Number(expiresAt),
        });
      } catch (error) {
        if (error instanceof HttpException) throw error;
        this.reporter.warn(
          'opening',
          'Opening a stream failed in http.authorize or in the store; its client was told to come back',
          error,
        );
        // Who reads no events would take one without any for a whole answer.
        if (wanted.format !== 'json') throw new ServiceUnavailableException();
        this.clients.sendAway(response);
      }
    }
  }
  return SessionLogController;
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
