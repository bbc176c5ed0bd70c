import { maskerOfPaths } from './masked-paths.js';
import { hasAnchor, withFlag } from './partial-pattern.js';
import { PRESETS } from './presets.js';
import type { RedactOptions, RedactPattern, RedactPreset } from './redact-options.js';
import { Secret } from './secret.js';

const MAX_LENGTH = 65_536;

/** Whether a value names something in the data of entries. */
export function isRedactPath(value: unknown): value is string {
  if (typeof value !== 'string' || !/^data[.[]./.test(value)) return false;
  try {
    maskerOfPaths([value], '');
    return true;
  } catch {
    return false;
  }
}

/** Whether a value is a kind of secret. */
export function isRedactPattern(value: unknown): value is RedactPattern | RedactPreset {
  if (typeof value === 'string') return Object.hasOwn(PRESETS, value);
  const { pattern, prefix, maxLength } = Object(value) as Partial<RedactPattern>;
  if (!(pattern instanceof RegExp) || !isPrefix(prefix) || !isLength(maxLength)) return false;
  return isUsable(pattern) && (typeof prefix === 'string' || isUsable(prefix));
}

/** What to look for. */
export function secretsOf(patterns: NonNullable<RedactOptions['patterns']>): Secret[] {
  const kinds = patterns.flatMap((pattern) => (typeof pattern === 'string' ? PRESETS[pattern] : [pattern]));
  return kinds.map((kind) => new Secret(kind));
}

function isPrefix(value: unknown): value is string | RegExp {
  return value instanceof RegExp || (typeof value === 'string' && value !== '');
}

function isLength(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= MAX_LENGTH;
}

function isUsable(pattern: RegExp): boolean {
  if (pattern.flags.includes('v') || hasAnchor(pattern)) return false;
  try {
    secretsOf([{ pattern, prefix: pattern, maxLength: 1 }]);
    return !withFlag(pattern, 'g').test('');
  } catch {
    return false;
  }
}
