import { USER_CONTEXT } from '../../entry/user-context.js';
import type { SessionSegment } from '../../segments/session-segment.js';

/** Whether a segment is of what the model said. */
export function isOfModel({ context, kind }: SessionSegment): boolean {
  return kind === 'log' || context !== USER_CONTEXT;
}
