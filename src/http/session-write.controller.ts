import {
  BadRequestException,
  Controller,
  Inject,
  NotFoundException,
  Post,
  Req,
  Res,
  UseFilters,
  UseGuards,
  type Type,
} from '@nestjs/common';
import type { LogEntryInput } from '../entry/log-entry.js';
import type { SessionRequest } from '../options/authorize.js';
import type { SessionHttpOptions } from '../options/session-logger-options.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../options/resolve-options.js';
import { OWN_SERVICE, type SessionLoggerService } from '../session-logger.service.js';
import { Answer } from './answer.js';
import { SessionAccess } from './session-access.js';
import { SessionErrorsFilter } from './session-errors.filter.js';
import { readSessionId } from './stream-request.js';
import { Idempotency } from './writing/idempotency.js';
import { readEntries, type WriteRequest } from './writing/read-entries.js';

/** What an `Idempotency-Key` may be. */
export const KEY_PATTERN = /^[\x21-\x7e]{1,255}$/;

/** Makes the controller of `POST /<path>/:sessionId`. */
export function createSessionWriteController({
  path = 'logs',
  guards = [],
}: Pick<SessionHttpOptions, 'path' | 'guards'>): Type {
  @Controller(path)
  @UseGuards(...guards)
  @UseFilters(SessionErrorsFilter)
  class SessionWriteController {
    constructor(
      @Inject(SessionAccess) private readonly access: SessionAccess,
      @Inject(OWN_SERVICE) private readonly logs: SessionLoggerService,
      @Inject(Idempotency) private readonly idempotency: Idempotency,
      @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
      @Inject(Answer) private readonly answer: Answer,
    ) {}

    /** Logs one entry, or all lines of a batch, or nothing; 404 where `http.write` is off. */
    @Post(':sessionId')
    async write(@Req() request: WriteRequest, @Res() response: unknown): Promise<void> {
      if (!this.options.http.write) throw new NotFoundException();
      const sessionId = readSessionId(request);
      const key = readKey(request);
      await this.access.checkNow(request, sessionId, 'write');
      const inputs = await readEntries(request, sessionId, this.options.http.writeBytes);
      if (key === undefined) {
        await this.logs.logEntriesToQueue(inputs);
        return this.answer.send(response, 202, { accepted: inputs.length });
      }
      const { accepted, isReplay } = await this.idempotency.once(`${sessionId} ${key}`, inputs, () =>
        this.store(inputs),
      );
      this.answer.send(response, 202, { accepted }, isReplay ? { 'Idempotency-Replayed': 'true' } : {});
    }

    /** Where nobody distributes, nobody can be waited for. */
    private async store(inputs: readonly LogEntryInput[]): Promise<{ stored: Promise<boolean> }> {
      if (this.options.autoStart) return this.logs.logEntriesToStore(inputs);
      await this.logs.logEntriesToQueue(inputs);
      return { stored: Promise.resolve(true) };
    }
  }
  return SessionWriteController;
}

function readKey({ headers }: SessionRequest): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && KEY_PATTERN.test(key)) return key;
  throw new BadRequestException('Idempotency-Key must be 1 to 255 visible ASCII characters.');
}
