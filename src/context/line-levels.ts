import { invalidInput } from '../entry/invalid-input.js';
import { LOG_ENTRY_LEVELS, type LogEntryLevel } from '../entry/log-entry.js';

/** Which lines are written, by level and context; may be changed while the application runs. */
export class LineLevels {
  private enabled: ReadonlySet<LogEntryLevel> = new Set(LOG_ENTRY_LEVELS);
  private readonly byContext = new Map<string, ReadonlySet<LogEntryLevel>>();

  isEnabled(level: LogEntryLevel, context: string | undefined): boolean {
    const own = context === undefined ? undefined : this.byContext.get(context);
    return (own ?? this.enabled).has(level);
  }

  /**
   * By Nest's rule: these levels, and what is graver than all of them.
   *
   * @throws SessionLoggerError `INVALID_LEVEL`
   */
  setListed(levels: readonly LogEntryLevel[]): void {
    if (!Array.isArray(levels)) throw invalidLevel('setLogLevels: levels', levels, 'a list of');
    for (const level of levels) checkLevel('setLogLevels: a level', level, 'one of');
    const gravest = Math.max(...levels.map((level) => LOG_ENTRY_LEVELS.indexOf(level)));
    this.enabled = new Set(levels.length === 0 ? [] : [...levels, ...LOG_ENTRY_LEVELS.slice(gravest)]);
  }

  /**
   * A level and all that are graver.
   *
   * @param context undefined for all that have no level of their own
   * @throws SessionLoggerError `INVALID_LEVEL`
   */
  setLeast(level: LogEntryLevel | 'off', context: string | undefined): void {
    if (level !== 'off') checkLevel('setLevel: level', level, 'off or one of');
    const least = level === 'off' ? LOG_ENTRY_LEVELS.length : LOG_ENTRY_LEVELS.indexOf(level);
    const levels = new Set(LOG_ENTRY_LEVELS.slice(least));
    if (context === undefined) this.enabled = levels;
    else this.byContext.set(context, levels);
  }

  /** The context has no level of its own any more. */
  reset(context: string): void {
    this.byContext.delete(context);
  }
}

function checkLevel(what: string, level: LogEntryLevel, expected: string): void {
  if (!LOG_ENTRY_LEVELS.includes(level)) throw invalidLevel(what, level, expected);
}

function invalidLevel(what: string, level: unknown, expected: string): Error {
  return invalidInput('INVALID_LEVEL', what, level, `${expected} ${LOG_ENTRY_LEVELS.join(', ')}`);
}
