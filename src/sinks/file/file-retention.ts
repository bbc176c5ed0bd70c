import { readdirSync, unlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

const LOG_FILE = /^(\d{4}-\d\d-\d\d)(?:\.(\d+))?\.log(\.gz)?$/;
const DAY_MS = 24 * 60 * 60 * 1000;

/** A daily log file found in a directory. */
export interface DailyLogFile {
  /** The directory and the name. */
  readonly path: string;
  /** How many days its day lies back; negative for one to come. */
  readonly age: number;
  readonly compressed: boolean;
}

/**
 * The daily log files in `dir`: regular files named exactly `YYYY-MM-DD(.N)?.log(.gz)?` with a real date.
 * None where the directory cannot be read.
 */
export function dailyLogFiles(dir: string, utc: boolean): DailyLogFile[] {
  const today = Date.parse(dayOf(new Date(), utc));
  return namesOfFiles(dir).flatMap((name) => {
    const [, day, , gz] = LOG_FILE.exec(name) ?? [];
    if (day === undefined || !isRealDay(day)) return [];
    const age = (today - Date.parse(day)) / DAY_MS;
    return [{ path: join(dir, name), age, compressed: gz !== undefined }];
  });
}

/** The path of the file that a line of today belongs to: the last one of the day, be it there or not. */
export function newestFileOfToday(dir: string, utc: boolean): string {
  const numbers = dailyLogFiles(dir, utc)
    .filter(({ age, compressed }) => age === 0 && !compressed)
    .map(({ path }) => Number(/\.(\d+)\.log$/.exec(path)?.[1] ?? 0));
  const last = Math.max(0, ...numbers);
  return join(dir, `${dayOf(new Date(), utc)}${last === 0 ? '' : `.${last}`}.log`);
}

/** The paths of all daily log files in `dir`, in the order in which they were written. */
export function logFilesInOrder(dir: string): string[] {
  const key = (path: string): string => {
    const [, day = '', number = '0'] = LOG_FILE.exec(basename(path)) ?? [];
    return `${day} ${number.padStart(12, '0')}`;
  };
  return dailyLogFiles(dir, true)
    .map(({ path }) => path)
    .toSorted((a, b) => key(a).localeCompare(key(b)) || b.length - a.length);
}

/** Removes the daily log files older than `retention` days; one that cannot be removed stays. */
export function removeExpired(dir: string, retention: number | false, utc: boolean): void {
  if (retention === false) return;
  for (const file of dailyLogFiles(dir, utc)) {
    if (file.age > retention) tryUnlink(file.path);
  }
}

/** Removes a file; that it cannot be removed, or is gone already, is no error. */
export function tryUnlink(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The next sweep tries again.
  }
}

/** The day as `YYYY-MM-DD`, in UTC or in the process's time zone. */
function dayOf(date: Date, utc: boolean): string {
  if (utc) return date.toISOString().slice(0, 10);
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0'));
  return `${date.getFullYear()}-${month}-${day}`;
}

function isRealDay(day: string): boolean {
  const time = Date.parse(day);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

function namesOfFiles(dir: string): string[] {
  try {
    const found = readdirSync(dir, { withFileTypes: true });
    return found.filter((one) => one.isFile()).map((one) => one.name);
  } catch {
    return [];
  }
}
