/** Where log files go unless the options say otherwise: the environment's `LOGS_PATH`, else `logs`. */
export const DEFAULT_LOGS_DIR: string = defaultLogsDir();

/** {@link DEFAULT_LOGS_DIR} as it is now: an .env file may have been read since this package was loaded. */
export function defaultLogsDir(): string {
  return process.env['LOGS_PATH'] || 'logs';
}
