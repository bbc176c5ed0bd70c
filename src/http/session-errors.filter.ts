import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Inject } from '@nestjs/common';
import { SessionLoggerError, type SessionLoggerErrorCode } from '../session-logger.errors.js';

/** What a client may try again. */
const PASSING: ReadonlySet<SessionLoggerErrorCode> = new Set([
  'QUEUE_FULL',
  'CLOSED',
  'STORE_UNAVAILABLE',
  'NOTES_FULL',
]);
const RETRY_AFTER = '1';

/** Answers errors of the logger: 503 for what passes, 400 for bad input, 500 for the rest. */
@Catch(SessionLoggerError)
export class SessionErrorsFilter implements ExceptionFilter<SessionLoggerError> {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  catch({ code, message }: SessionLoggerError, host: ArgumentsHost): void {
    const response: unknown = host.switchToHttp().getResponse();
    const { httpAdapter } = this.host;
    const statusCode = statusOf(code);
    if (statusCode === 503) httpAdapter.setHeader(response, 'Retry-After', RETRY_AFTER);
    httpAdapter.reply(response, { statusCode, code, message }, statusCode);
  }
}

function statusOf(code: SessionLoggerErrorCode): number {
  if (PASSING.has(code)) return 503;
  return code.startsWith('INVALID_') ? 400 : 500;
}
