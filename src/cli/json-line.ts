import type { LogEntry } from '../entry/log-entry.js';
import type { Arguments } from './arguments.js';

/** An entry as a line of JSON; empty where it was not asked for. */
export function jsonLine(
  entry: Omit<LogEntry, 'id'>,
  { since, filter }: Pick<Arguments, 'since' | 'filter'>,
): string {
  const isOld = since !== undefined && Date.parse(entry.timestamp) < since;
  const isOther = filter !== undefined && !entry.message.toLowerCase().includes(filter);
  return isOld || isOther ? '' : `${JSON.stringify(entry)}\n`;
}
