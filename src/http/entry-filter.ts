import { LOG_ENTRY_LEVELS, type LogEntry, type LogEntryLevel, type LogType } from '../entry/log-entry.js';
import type { SessionGrant } from '../options/authorize.js';

/** Whether a client is shown an entry. */
export type EntryFilter = (entry: Pick<LogEntry, 'logType' | 'level'>) => boolean;

/** What a client asked for. */
export interface WantedEntries {
  type?: LogType;
  level?: LogEntryLevel;
}

/**
 * Joins what a client asked for with what it may see; undefined where that is everything. A level speaks of
 * `log` entries alone; one without a level counts as `log`.
 */
export function entryFilter(wanted: WantedEntries, grant: SessionGrant): EntryFilter | undefined {
  const least = Math.max(rank(wanted.level), rank(grant.minLevel));
  if (wanted.type === undefined && grant.types === undefined && least === 0) return undefined;
  return (entry) =>
    (wanted.type === undefined || entry.logType === wanted.type) &&
    (grant.types === undefined || grant.types.includes(entry.logType)) &&
    (entry.logType !== 'log' || rank(entry.level ?? 'log') >= least);
}

/** A level that there is not ranks above all, so that a slip in a grant hides entries rather than shows them. */
function rank(level: LogEntryLevel | undefined): number {
  const index = level === undefined ? 0 : LOG_ENTRY_LEVELS.indexOf(level);
  return index === -1 ? LOG_ENTRY_LEVELS.length : index;
}
