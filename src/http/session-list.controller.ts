import {
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
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import type { EndReason } from '../entry/session-end.js';
import type { SessionIdFilter, SessionRequest } from '../options/authorize.js';
import type { SessionHttpOptions } from '../options/session-logger-options.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../options/resolve-options.js';
import { OWN_SERVICE, type SessionLoggerService } from '../session-logger.service.js';
import type { SessionList, SessionSummary } from '../store/session-store.interface.js';
import { Answer } from './answer.js';
import { DEFAULT_LIMIT, MAX_LIMIT } from './page-limit.js';
import { readQuery } from './read-query.js';
import { SessionAccess } from './session-access.js';
import { SessionErrorsFilter } from './session-errors.filter.js';

/** Pages of the store that one request looks through for sessions that its client may see, as each costs a store much. */
const MAX_PAGES = 5;
/** Sessions of a page of the store at the most. */
const MAX_SIZE = 1_000;
/** How much larger the next page is where a filter lets few through, and smaller where it lets too many through. */
const STEP = 10;

/** Characters of a cursor. */
export const MAX_CURSOR = 256;

/** A session of a list, as it is answered. */
export interface ListedSession extends Pick<
  SessionSummary,
  'sessionId' | 'firstAt' | 'lastAt' | 'readers' | 'position'
> {
  readonly state: 'open' | EndReason;
  readonly entries: number;
}

/** A page of a list, as it is answered. */
export interface ListedSessions {
  readonly sessions: readonly ListedSession[];
  readonly cursor?: string | undefined;
}

class ListQuery {
  @IsOptional()
  @IsString()
  @MaxLength(MAX_CURSOR)
  cursor?: string;

  @Convert(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  limit = DEFAULT_LIMIT;
}

/** Makes the controller of `GET /<path>`. */
export function createSessionListController({
  path = 'logs',
  guards = [],
}: Pick<SessionHttpOptions, 'path' | 'guards'>): Type {
  @Controller(path)
  @UseGuards(...guards)
  @UseFilters(SessionErrorsFilter)
  class SessionListController {
    constructor(
      @Inject(SessionAccess) private readonly access: SessionAccess,
      @Inject(OWN_SERVICE) private readonly logs: SessionLoggerService,
      @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
      @Inject(Answer) private readonly answer: Answer,
    ) {}

    /** A page of the sessions that the client may see; 404 where `http.list` is off. */
    @Get()
    async list(@Req() request: SessionRequest, @Res() response: unknown): Promise<void> {
      if (!this.options.http.list) throw new NotFoundException();
      const { cursor, limit } = readQuery(ListQuery, ['cursor', 'limit'], request.query);
      const mayBeSeen = await this.access.checkList(request);
      if (this.options.autoStart) await this.logs.distribute({ finite: true, held: false });
      const { sessions, cursor: next } = await this.find(mayBeSeen, cursor, limit);
      const page: ListedSessions = { sessions: sessions.map(shown), cursor: next };
      this.answer.send(response, 200, page);
    }

    private async find(
      mayBeSeen: SessionIdFilter,
      from: string | undefined,
      limit: number,
    ): Promise<SessionList> {
      const sessions: SessionSummary[] = [];
      let cursor = from;
      let size = limit;
      for (let pages = 0; pages < MAX_PAGES; pages++) {
        const left = limit - sessions.length;
        const page = await this.logs.listSessions({ cursor, limit: size });
        const seen = page.sessions.filter(({ sessionId }) => mayBeSeen(sessionId));
        // A cursor stands behind a whole page: what does not fit has to be asked for in a smaller one.
        const isTooMuch = seen.length > left && size > left;
        size = isTooMuch ? Math.max(left, Math.floor(size / STEP)) : Math.min(MAX_SIZE, size * STEP);
        if (isTooMuch) continue;
        sessions.push(...seen);
        cursor = page.cursor;
        if (cursor === undefined || sessions.length >= limit) break;
      }
      return { sessions, cursor };
    }
  }
  return SessionListController;
}

function shown({
  sessionId,
  firstAt,
  lastAt,
  records,
  readers,
  ended,
  position,
}: SessionSummary): ListedSession {
  return { sessionId, state: ended ?? 'open', firstAt, lastAt, entries: records, readers, position };
}
