import { isPath } from './masked-paths.js';
import { hasAnchor, isPlain } from './pattern-tokens.js';
import { withFlag } from './partial-pattern.js';
import { PRESETS } from './presets.js';
import type { RedactOptions, RedactPattern, RedactPreset } from './redact-options.js';
import { Secret } from './secret.js';

/** UTF-16 units of the longest secret that can be looked for. */
export const MAX_SECRET_LENGTH = 65_536;

/** Whether a value names something in the data of entries. */
export function isRedactPath(value: unknown): value is string {
  return typeof value === 'string' && isPath(value);
}

/** Whether a value is a kind of secret. */
export function isRedactPattern(value: unknown): value is RedactPattern | RedactPreset {
  if (typeof value === 'string') return Object.hasOwn(PRESETS, value);
  const { pattern, prefix, maxLength, ...more } = Object(value) as Partial<RedactPattern>;
  if (!isUsable(pattern) || !isPrefix(prefix) || !isLength(maxLength)) return false;
  return Object.keys(more).length === 0 && isCompiled({ pattern, prefix, maxLength });
}

/** What to look for. */
export function secretsOf(patterns: NonNullable<RedactOptions['patterns']>): Secret[] {
  const kinds = patterns.flatMap((pattern) => (typeof pattern === 'string' ? PRESETS[pattern] : [pattern]));
  return kinds.map((kind) => new Secret(kind));
}

function isPrefix(value: unknown): value is string | RegExp {
  return typeof value === 'string' ? value !== '' : isUsable(value) && isPlain(value);
}

function isLength(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= MAX_SECRET_LENGTH;
}

function isUsable(value: unknown): value is RegExp {
  if (!(value instanceof RegExp) || value.flags.includes('v') || hasAnchor(value)) return false;
  return !withFlag(value, 'g').test('');
}

function isCompiled(pattern: RedactPattern): boolean {
  try {
    secretsOf([pattern]);
    return true;
  } catch {
    return false;
  }
}
