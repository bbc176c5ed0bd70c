import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { SessionLoggerError, type SessionLoggerErrorCode } from '../session-logger.errors.js';
import { Reporter } from '../session-logger.reporter.js';
import { ClientGone } from './writing/read-body.js';

/** What a client may try again. */
const PASSING: ReadonlySet<SessionLoggerErrorCode> = new Set([
  'QUEUE_FULL',
  'CLOSED',
  'STORE_UNAVAILABLE',
  'NOTES_FULL',
]);
const RETRY_AFTER = '1';

/** What clients are told of what is not their own fault: the error itself may name hosts and directories. */
const PASSING_TEXT = 'The log cannot do this at present; try again later.';
const FAILED_TEXT = 'The log could not do this; the log of its application tells why.';

/**
 * Answers errors of the logger: 503 for what passes, 400 for bad input, 500 for the rest. A client that has gone is
 * answered nothing.
 */
@Catch(SessionLoggerError, ClientGone)
export class SessionErrorsFilter implements ExceptionFilter<SessionLoggerError | ClientGone> {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(Reporter) private readonly reporter: Reporter,
  ) {}

  catch(error: SessionLoggerError | ClientGone, host: ArgumentsHost): void {
    if (error instanceof ClientGone) return;
    const response: unknown = host.switchToHttp().getResponse();
    const { httpAdapter } = this.host;
    const { code } = error;
    const statusCode = statusOf(code);
    if (statusCode === 503) httpAdapter.setHeader(response, 'Retry-After', RETRY_AFTER);
    httpAdapter.reply(response, { statusCode, code, message: this.textOf(error, statusCode) }, statusCode);
  }

  private textOf(error: SessionLoggerError, statusCode: number): string {
    if (statusCode < 500) return error.message;
    this.reporter.warn(`http ${error.code}`, `A request was answered ${statusCode}`, error);
    return statusCode === 503 ? PASSING_TEXT : FAILED_TEXT;
  }
}

function statusOf(code: SessionLoggerErrorCode): number {
  if (PASSING.has(code)) return 503;
  return code.startsWith('INVALID_') ? 400 : 500;
}
