import {
  BadRequestException,
  Controller,
  Get,
  Inject,
  NotFoundException,
  Req,
  Res,
  UseFilters,
  UseGuards,
  type Type,
} from '@nestjs/common';
import { Type as Convert } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { SessionEnd } from '../entry/session-end.js';
import type { SessionGrant, SessionRequest } from '../options/authorize.js';
import type { SessionHttpOptions } from '../options/session-logger-options.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../options/resolve-options.js';
import { Answer } from './answer.js';
import { entryFilter } from './entry-filter.js';
import { formatPlace, parsePlace, type HistoryPlace } from './history/history-page.js';
import { SessionHistory, type HistoryRequest } from './history/session-history.js';
import { IsTime } from './is-time.decorator.js';
import { DEFAULT_LIMIT, MAX_LIMIT } from './page-limit.js';
import { readQuery } from './read-query.js';
import { SessionAccess } from './session-access.js';
import { SessionErrorsFilter } from './session-errors.filter.js';
import { readSessionId } from './stream-request.js';

const NDJSON = 'application/x-ndjson; charset=utf-8';

/** What `after` and `cursor` may be. */
export const AFTER_PATTERN = /^[A-Za-z0-9]{1,64}-\d{1,16}$/;
export const CURSOR_PATTERN = /^[A-Za-z0-9~-]{2,200}$/;

class HistoryQuery {
  /** Position of the entry behind which to begin. */
  @IsOptional()
  @Matches(AFTER_PATTERN, { message: 'after must be a position (the id of an entry)' })
  after?: string;

  /** As a `Link` gave it. */
  @IsOptional()
  @Matches(CURSOR_PATTERN, { message: 'cursor must be that of a Link header' })
  cursor?: string;

  @IsOptional()
  @IsTime()
  from?: string;

  @IsOptional()
  @IsTime()
  to?: string;

  @Convert(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  limit = DEFAULT_LIMIT;
}

/** Makes the controller of `GET /<path>/:sessionId/history`. */
export function createSessionHistoryController({
  path = 'logs',
  guards = [],
}: Pick<SessionHttpOptions, 'path' | 'guards'>): Type {
  @Controller(path)
  @UseGuards(...guards)
  @UseFilters(SessionErrorsFilter)
  class SessionHistoryController {
    constructor(
      @Inject(SessionAccess) private readonly access: SessionAccess,
      @Inject(SessionHistory) private readonly past: SessionHistory,
      @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
      @Inject(Answer) private readonly answer: Answer,
    ) {}

    /** A page of a session's past as NDJSON, with a `Link` to the next; 404 where `http.history` is off. */
    @Get(':sessionId/history')
    async history(@Req() request: SessionRequest, @Res() response: unknown): Promise<void> {
      if (!this.options.http.history) throw new NotFoundException();
      const sessionId = readSessionId(request);
      const query = readQuery(HistoryQuery, ['after', 'cursor', 'from', 'to', 'limit'], request.query);
      const place = placeOf(query);
      const grant = await this.access.checkNow(request, sessionId, 'history');
      const { limit } = query;
      const page = await this.past.page({ sessionId, place, limit, isWanted: wantedBy(query, grant) });
      const link: Record<string, string> = page.isFull ? { Link: nextLink(query, page.place) } : {};
      this.answer.send(response, 200, page.toString(), { 'Content-Type': NDJSON, ...link });
    }
  }
  return SessionHistoryController;
}

function placeOf({ after, cursor }: HistoryQuery): HistoryPlace | undefined {
  if (cursor === undefined) return after === undefined ? undefined : { position: after };
  const place = parsePlace(cursor);
  if (place === undefined) throw new BadRequestException(['cursor must be that of a Link header']);
  return place;
}

function wantedBy({ from, to }: HistoryQuery, grant: SessionGrant): HistoryRequest['isWanted'] {
  const mayBeSeen = entryFilter({}, grant) ?? (() => true);
  const begin = from === undefined ? -Infinity : Date.parse(from);
  const end = to === undefined ? Infinity : Date.parse(to);
  return (record) => {
    const time = Date.parse(record.timestamp);
    return time >= begin && time < end && (record instanceof SessionEnd || mayBeSeen(record));
  };
}

/** Relative to the request's own URL, whatever prefix and version that has. */
function nextLink({ from, to, limit }: HistoryQuery, place: HistoryPlace): string {
  const cursor = formatPlace(place);
  const query = new URLSearchParams({ ...(cursor !== undefined && { cursor }), limit: String(limit) });
  if (from !== undefined) query.set('from', from);
  if (to !== undefined) query.set('to', to);
  return `<?${query.toString()}>; rel="next"`;
}
