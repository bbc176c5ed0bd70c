import type { SessionRecord } from '../../entry/log-entry.js';
import { formatPosition, parsePosition } from '../../entry/position.js';

/** Where the log of a record begins. */
export function logStart({ id }: SessionRecord): string {
  return formatPosition(parsePosition(id!)!.epoch, 0);
}
