/**
 * Follows sessions from browsers and Node, without dependencies.
 *
 * @module nestjs-session-logger/client
 */

export type { Gap, GapReason } from '../entry/gap.js';
export type { JsonObject, JsonValue, LogEntry, LogEntryLevel, LogType } from '../entry/log-entry.js';
export type { EndReason } from '../entry/session-end.js';
export { FollowError, followSession } from './follow-session.js';
export type {
  FollowedEnd,
  FollowedGap,
  FollowedSession,
  FollowedSessionEnd,
  FollowHeaders,
  FollowOptions,
} from './follow-session.js';
export { SegmentList } from './segment-list.js';
export type {
  SegmentChange,
  SegmentKind,
  SegmentUpdate,
  SessionSegment,
} from '../segments/session-segment.js';
