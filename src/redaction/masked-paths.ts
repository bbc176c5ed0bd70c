import redact from '@pinojs/redact';
import type { JsonObject } from '../entry/log-entry.js';

/**
 * Makes a function that masks what lies at paths such as `data.password`.
 *
 * @throws Error for a path that is none
 */
export function maskerOfPaths(paths: readonly string[], replace: string): (data: JsonObject) => JsonObject {
  const mask = redact({ paths: [...paths], censor: replace, serialize: false });
  return (data) => (mask({ data }) as { data: JsonObject }).data;
}
