import { BadRequestException } from '@nestjs/common';
import { isSessionId, SESSION_ID_RULE } from '../../entry/session-id.js';
import type { SessionRequest } from '../../options/authorize.js';
import { MALFORMED_ID, readResumeId, readStreamQuery } from '../stream-request.js';
import type { WantedEntries } from '../entry-filter.js';
import { DELETED, nameInId, parseCompositeId, type Positions } from './composite-id.js';

/** Sessions that one stream may have. */
export const MOST_SESSIONS = 50;

/** What a client asks for. */
export interface SessionsRequest extends WantedEntries {
  /** Where each begins, by the sessions. */
  readonly from: ReadonlyMap<string, string>;
  /** Those of which the client was told that they were deleted. */
  readonly deleted: ReadonlySet<string>;
  /** The client says where it was: it comes back. */
  readonly isResume: boolean;
}

/** Whether a request is for several sessions. */
export function isForSeveral({ query }: SessionRequest): boolean {
  return (query as { sessions?: unknown }).sessions !== undefined;
}

/**
 * Reads what a client asks for.
 *
 * @throws BadRequestException for wrong `sessions`, `from`, `type` or `level`, or where `view` or `format` are others
 */
export function readSessionsRequest(request: SessionRequest): SessionsRequest {
  const sessions = readSessions(request);
  const { from = 'start', type, level, view, format } = readStreamQuery(request.query);
  if (from !== 'start' && from !== 'now') {
    throw new BadRequestException('from must be start or now, where there are several sessions');
  }
  if ((view ?? 'entries') !== 'entries' || (format ?? 'json') !== 'json') {
    throw new BadRequestException('view and format must be left out, where there are several sessions');
  }
  const id = readResumeId(request);
  const places = id === undefined ? undefined : parseCompositeId(id);
  const isDeleted = (sessionId: string): boolean => places?.get(nameInId(sessionId)) === DELETED;
  return {
    from: new Map(sessions.map((sessionId) => [sessionId, placeOf(sessionId, places) ?? from])),
    deleted: new Set(sessions.filter(isDeleted)),
    isResume: places !== undefined,
    ...(type !== undefined && { type }),
    ...(level !== undefined && { level }),
  };
}

/** A session that is new among the others begins like any other; where none is known, the id is none of ours. */
function placeOf(sessionId: string, places: Positions | undefined): string | undefined {
  if (places?.size === 0) return MALFORMED_ID;
  const place = places?.get(nameInId(sessionId));
  return place === DELETED ? 'start' : place;
}

function readSessions({ query }: SessionRequest): string[] {
  const { sessions } = query as { sessions?: unknown };
  const ids = new Set(
    [sessions].flat().flatMap((text) => (typeof text === 'string' ? text.split(',') : [''])),
  );
  if (ids.size > MOST_SESSIONS)
    throw new BadRequestException(`sessions must name ${MOST_SESSIONS} at the most`);
  if ([...ids].every(isSessionId)) return [...ids];
  throw new BadRequestException(`sessions must be ids, separated by commas, each of ${SESSION_ID_RULE}`);
}
