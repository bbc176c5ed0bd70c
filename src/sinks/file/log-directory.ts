import { readdirSync, unlinkSync, type Dirent } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

const DAILY_FILE = /^(\d{4}-\d\d-\d\d)(?:\.(\d+))?\.log(\.gz(\.(?:[0-9a-f]{8}|[0-9a-f]{24})\.tmp)?)?$/;
const DAY_MS = 24 * 60 * 60 * 1000;

/** A daily log file found in a directory. */
export interface DailyLogFile {
  /** The directory and the name. */
  readonly path: string;
  /** `YYYY-MM-DD`. */
  readonly day: string;
  /** Files of one day are numbered where they have a greatest size. The first is 0. */
  readonly number: number;
  /** How many days its day lies back; negative for one to come. */
  readonly age: number;
  /** `draft`: what a crash left of an archive in the making. */
  readonly kind: 'log' | 'archive' | 'draft';
}

/** Whether an entry of a directory is a regular file. */
const isFile = (found: Dirent): boolean => found.isFile();

/**
 * The daily log files in `dir`: regular files named exactly `YYYY-MM-DD(.N)?.log`, with `.gz` where they are
 * archives, with a real date. None where the directory cannot be read.
 */
export function dailyLogFiles(dir: string, utc: boolean): DailyLogFile[] {
  try {
    return findDailyLogFiles(dir, utc);
  } catch {
    return [];
  }
}

/**
 * As {@link dailyLogFiles}, of regular files or of what else is wanted. None where there is no directory.
 *
 * @throws where the directory cannot be read
 */
export function findDailyLogFiles(dir: string, utc: boolean, isWanted = isFile): DailyLogFile[] {
  const today = Date.parse(dayOf(new Date(), utc));
  return entriesOf(dir).flatMap((found) => {
    const [, day, number, archive, draft] = DAILY_FILE.exec(found.name) ?? [];
    if (day === undefined || !isRealDay(day) || !isWanted(found)) return [];
    const kind = draft !== undefined ? 'draft' : archive !== undefined ? 'archive' : 'log';
    const age = (today - Date.parse(day)) / DAY_MS;
    return [{ path: join(dir, found.name), day, number: Number(number ?? 0), age, kind }];
  });
}

/** The path of the file that a line of today belongs to: the last one of the day, be it there or not. */
export function newestFileOfToday(dir: string, utc: boolean): string {
  const files = dailyLogFiles(dir, utc).filter(({ age, kind }) => age === 0 && kind === 'log');
  const last = Math.max(0, ...files.map(({ number }) => number));
  return join(dir, `${dayOf(new Date(), utc)}${last === 0 ? '' : `.${last}`}.log`);
}

/** The paths of the logs in `dir`, in the order in which they were written; of some only the archive is there. */
export function logFilesInOrder(dir: string): string[] {
  const files = dailyLogFiles(dir, true)
    .filter(({ kind }) => kind !== 'draft')
    .toSorted((a, b) => a.day.localeCompare(b.day) || a.number - b.number);
  return [...new Set(files.map(({ path }) => path.replace(/\.gz$/, '')))];
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

/** Resolves when the names in a directory are on the disk. Windows knows no such thing. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** The day as `YYYY-MM-DD`, in UTC or in the process's time zone. */
export function dayOf(date: Date, utc: boolean): string {
  if (utc) return date.toISOString().slice(0, 10);
  const [month, day] = [date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0'));
  return `${date.getFullYear()}-${month}-${day}`;
}

function isRealDay(day: string): boolean {
  const time = Date.parse(day);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

function entriesOf(dir: string): Dirent[] {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
