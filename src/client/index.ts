/**
 * Follows sessions from browsers and Node, without dependencies.
 *
 * @module nestjs-session-logger/client
 */

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
