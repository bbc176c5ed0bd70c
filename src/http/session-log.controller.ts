import { Controller, Get, HttpException, Inject, Req, Res, UseGuards, type Type } from '@nestjs/common';
import { parsePosition } from '../entry/position.js';
import type { SessionRequest } from '../options/authorize.js';
import type { SessionHttpOptions } from '../options/session-logger-options.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../options/resolve-options.js';
import { Reporter } from '../session-logger.reporter.js';
import { OWN_SERVICE, type SessionLoggerService } from '../session-logger.service.js';
import { SessionStore, type SessionReader } from '../store/session-store.interface.js';
import { entryFilter } from './entry-filter.js';
import { SessionAccess } from './session-access.js';
import { sendNoContent, type PlatformResponse } from './event-stream.js';
import { SseClients } from './sse-clients.js';
import { readStreamRequest } from './stream-request.js';

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
      @Inject(SessionStore) private readonly store: SessionStore,
      @Inject(SseClients) private readonly clients: SseClients,
      @Inject(OWN_SERVICE) private readonly logs: SessionLoggerService,
      @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
      @Inject(Reporter) private readonly reporter: Reporter,
    ) {}

    /** Returns once the head is sent: what interceptors do to a handler's result never touches the stream. */
    @Get(':sessionId')
    async stream(@Req() request: SessionRequest, @Res() response: PlatformResponse): Promise<void> {
      const wanted = readStreamRequest(request);
      try {
        const grant = await this.access.check(request, wanted.sessionId, 'read');
        const reader = await openSoon(this.store.open(wanted.sessionId, wanted.from));
        if (wanted.isResume && (await this.isOver(reader, wanted.sessionId))) {
          reader.close();
          return sendNoContent(response);
        }
        this.clients.serve(response, reader, {
          resumeId: parsePosition(wanted.from) && wanted.from,
          filter: entryFilter(wanted, grant),
          expiresAt: grant.expiresAt === undefined ? undefined : Number(grant.expiresAt),
        });
      } catch (error) {
        if (error instanceof HttpException) throw error;
        this.reporter.warn(
          'opening',
          'Opening a stream failed in http.authorize or in the store; its client was told to come back',
          error,
        );
        this.clients.sendAway(response);
      }
    }

    /** What was logged before the request may still be on its way, and reopens the session. */
    private async isOver(reader: SessionReader, sessionId: string): Promise<boolean> {
      if (!reader.ended) return false;
      if (this.options.autoStart) await this.logs.distribute({ finite: true, held: false });
      return reader.ended && !this.logs.isHeld(sessionId);
    }
  }
  return SessionLogController;
}

/** Settles in time: a client is better told to come back than kept waiting for a store that is away. */
async function openSoon(opening: SessionReader | Promise<SessionReader>): Promise<SessionReader> {
  if (!(opening instanceof Promise)) return opening;
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      void opening.then(
        (reader) => reader.close(),
        () => {},
      );
      reject(new Error(`The store took longer than ${OPEN_WITHIN} ms`));
    }, OPEN_WITHIN);
  });
  return Promise.race([opening, late]).finally(() => clearTimeout(timer));
}
