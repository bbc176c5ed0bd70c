import {
  BadRequestException,
  Body,
  Controller,
  Delete,
  HttpCode,
  Inject,
  NotFoundException,
  Post,
  Req,
  UseFilters,
  UseGuards,
  type Type,
} from '@nestjs/common';
import { IsIn, IsOptional } from 'class-validator';
import type { SessionRequest } from '../options/authorize.js';
import type { SessionHttpOptions } from '../options/session-logger-options.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../options/resolve-options.js';
import { OWN_SERVICE, type SessionLoggerService } from '../session-logger.service.js';
import { readQuery } from './read-query.js';
import { SessionAccess } from './session-access.js';
import { SessionErrorsFilter } from './session-errors.filter.js';
import { readSessionId } from './stream-request.js';

/** Characters that a client may say about its cancel. */
export const MAX_REASON = 1_000;

class DeleteQuery {
  @IsOptional()
  @IsIn(['true', 'false'], { message: 'files must be true or false' })
  files?: 'true' | 'false';
}

/** Makes the controller of `POST /<path>/:sessionId/cancel` and `DELETE /<path>/:sessionId`. */
export function createSessionControlController({
  path = 'logs',
  guards = [],
}: Pick<SessionHttpOptions, 'path' | 'guards'>): Type {
  @Controller(path)
  @UseGuards(...guards)
  @UseFilters(SessionErrorsFilter)
  class SessionControlController {
    constructor(
      @Inject(SessionAccess) private readonly access: SessionAccess,
      @Inject(OWN_SERVICE) private readonly logs: SessionLoggerService,
      @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    ) {}

    /** A user's stop button. Answers 204 once the cancel is accepted; 404 where `http.cancel` is off. */
    @Post(':sessionId/cancel')
    @HttpCode(204)
    async cancel(@Req() request: SessionRequest, @Body() body?: unknown): Promise<void> {
      if (!this.options.http.cancel) throw new NotFoundException();
      const sessionId = readSessionId(request);
      const reason = readReason(body);
      await this.access.checkNow(request, sessionId, 'cancel');
      await this.logs.cancelSession(sessionId, reason);
    }

    /** Answers 204 once the session is deleted, whether there was one or not; 404 where `http.delete` is off. */
    @Delete(':sessionId')
    @HttpCode(204)
    async delete(@Req() request: SessionRequest): Promise<void> {
      if (!this.options.http.delete) throw new NotFoundException();
      const sessionId = readSessionId(request);
      const { files } = readQuery(DeleteQuery, ['files'], request.query);
      await this.access.checkNow(request, sessionId, 'delete');
      await this.logs.deleteSession(sessionId, { files: files === 'true' });
    }
  }
  return SessionControlController;
}

function readReason(body: unknown): string | undefined {
  const { reason } = (body ?? {}) as { reason?: unknown };
  if (reason === undefined) return undefined;
  if (typeof reason === 'string' && reason.length <= MAX_REASON) return reason;
  throw new BadRequestException(`reason must be a text of up to ${MAX_REASON} characters.`);
}
