import type { SessionSegment } from '../../segments/session-segment.js';

/** The `context` of what the user said, which is no part of the answer. */
export const USER_CONTEXT = 'user';

/** Whether a segment is of what the model said. */
export function isOfModel({ context, kind }: SessionSegment): boolean {
  return kind === 'log' || context !== USER_CONTEXT;
}
