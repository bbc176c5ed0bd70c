import { BadRequestException } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { IsIn, IsOptional, Matches, validateSync } from 'class-validator';
import { LOG_ENTRY_LEVELS, LOG_TYPES, type LogEntryLevel, type LogType } from '../entry/log-entry.js';
import { isSessionId, SESSION_ID_RULE } from '../entry/session-id.js';
import type { SessionRequest } from '../options/authorize.js';
import { parseSegmentId } from '../segments/segment-id.js';

/** What a store is given in place of an id that is none: like any such text it is answered by a gap. */
export const MALFORMED_ID = 'malformed';

/** What a client may be sent. */
export const STREAM_VIEWS = ['entries', 'segments'] as const;
export type StreamView = (typeof STREAM_VIEWS)[number];

/** How. */
export const STREAM_FORMATS = ['json', 'text', 'ui-message'] as const;
export type StreamFormat = (typeof STREAM_FORMATS)[number];

/** What `from` may be. */
export const FROM_PATTERN = /^(start|now|[A-Za-z0-9]{1,64}-\d{1,16}(\.\d{1,9})?)$/;

/** The query of a stream. */
export class StreamQuery {
  @IsOptional()
  @Matches(FROM_PATTERN, {
    message: 'from must be start, now or a position (the id of an event)',
  })
  from?: string;

  @IsOptional()
  @IsIn(LOG_TYPES)
  type?: LogType;

  @IsOptional()
  @IsIn(LOG_ENTRY_LEVELS)
  level?: LogEntryLevel;

  @IsOptional()
  @IsIn(STREAM_VIEWS)
  view?: StreamView;

  @IsOptional()
  @IsIn(STREAM_FORMATS)
  format?: StreamFormat;
}

/** What a client asks for. */
export interface StreamRequest {
  readonly sessionId: string;
  readonly view: StreamView;
  readonly format: StreamFormat;
  /** Undefined where it says nothing. */
  readonly from: string | undefined;
  /** The client says where it was: it comes back. */
  readonly isResume: boolean;
  readonly type?: LogType;
  readonly level?: LogEntryLevel;
}

/**
 * Reads what a client asks for. An id it got from us goes unchecked: whatever it is, it is answered by a gap
 * at the worst.
 *
 * @throws BadRequestException for a wrong session id, `from`, `type`, `level`, `view` or `format`
 */
export function readStreamRequest(
  request: SessionRequest,
  sessionId: string = readSessionId(request),
): StreamRequest {
  const { from, type, level, view = 'entries', format = 'json' } = readStreamQuery(request.query);
  const id = readResumeId(request);
  const resumeAt = id === undefined || parseSegmentId(id) !== undefined ? id : MALFORMED_ID;
  return {
    sessionId,
    view,
    format,
    from: resumeAt ?? from,
    isResume: resumeAt !== undefined || (from !== undefined && parseSegmentId(from) !== undefined),
    ...(type !== undefined && { type }),
    ...(level !== undefined && { level }),
  };
}

/** @throws BadRequestException for a wrong session id */
export function readSessionId(request: SessionRequest): string {
  const { sessionId } = request.params as { sessionId?: unknown };
  if (isSessionId(sessionId)) return sessionId;
  throw new BadRequestException(`The session id must be ${SESSION_ID_RULE}.`);
}

/** The id behind which a client goes on, if it says one. `start` and `now` are none. */
export function readResumeId({ headers, query }: SessionRequest): string | undefined {
  const id = headers['last-event-id'] || (query as { lastEventId?: unknown }).lastEventId;
  if (id === undefined || id === '') return undefined;
  return typeof id === 'string' ? id : MALFORMED_ID;
}

/** @throws BadRequestException for a wrong `from`, `type`, `level`, `view` or `format` */
export function readStreamQuery(query: unknown): StreamQuery {
  const { from, type, level, view, format } = query as Record<string, unknown>;
  const dto = plainToInstance(StreamQuery, { from, type, level, view, format });
  const errors = validateSync(dto);
  if (errors.length === 0) return dto;
  throw new BadRequestException(errors.flatMap((error) => Object.values(error.constraints ?? {})));
}
