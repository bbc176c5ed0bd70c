import { LOG_ENTRY_LEVELS, type LogEntryLevel } from '../entry/log-entry.js';

/** Which lines are written, by level and context; may be changed while the application runs. */
export class LineLevels {
  private enabled: ReadonlySet<LogEntryLevel> = new Set(LOG_ENTRY_LEVELS);
  private readonly byContext = new Map<string, ReadonlySet<LogEntryLevel>>();

  isEnabled(level: LogEntryLevel, context: string | undefined): boolean {
    const own = context === undefined ? undefined : this.byContext.get(context);
    return (own ?? this.enabled).has(level);
  }

  /** @param context undefined for all that have no levels of their own */
  set(levels: readonly LogEntryLevel[], context: string | undefined): void {
    if (context === undefined) this.enabled = new Set(levels);
    else this.byContext.set(context, new Set(levels));
  }

  /** A level and all that are graver. */
  setLeast(level: LogEntryLevel | 'off', context: string | undefined): void {
    const least = level === 'off' ? LOG_ENTRY_LEVELS.length : LOG_ENTRY_LEVELS.indexOf(level);
    this.set(LOG_ENTRY_LEVELS.slice(least), context);
  }
}
