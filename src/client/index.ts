export { FollowError, followSession } from './follow-session.js';
export type { FollowedEnd, FollowedSession, FollowHeaders, FollowOptions } from './follow-session.js';
