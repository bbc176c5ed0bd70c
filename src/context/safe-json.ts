import { inspect } from 'node:util';
import { configure } from 'safe-stable-stringify';
import type { JsonValue } from '../entry/log-entry.js';

const stringify = configure({ circularValue: '[Circular]', deterministic: false, maximumDepth: 20 });

/** A copy of anything that JSON can hold: cycles, big integers and what throws become texts. */
export function safeJson(value: unknown): JsonValue {
  try {
    const json = stringify(value, replaced);
    return json === undefined ? inspect(value) : (JSON.parse(json) as JsonValue);
  } catch {
    return inspected(value);
  }
}

function replaced(_: string, value: unknown): unknown {
  if (value instanceof Error) return { name: value.name, message: value.message };
  if (typeof value === 'bigint') return String(value);
  return typeof value === 'function' || typeof value === 'symbol' ? inspect(value) : value;
}

function inspected(value: unknown): string {
  try {
    return inspect(value, { depth: 2 });
  } catch {
    return 'something that cannot be shown';
  }
}
