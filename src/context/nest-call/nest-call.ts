import type { JsonObject, JsonValue } from '../../entry/log-entry.js';
import { MAX_BREADTH } from './copy-room.js';
import { JsonCopy } from './json-copy.js';
import { readMessage } from './nest-message.js';
import { hasFrames } from './stack-frames.js';

/** What a call of Nest's logger says. */
export interface NestCall {
  readonly message: string;
  readonly context: string | undefined;
  readonly data: JsonObject | undefined;
  /** Of all errors and texts of the call, in order; nowhere else does a frame of a stack stand. */
  readonly stack: string | undefined;
}

/** A last text is the context, unless it is a stack. */
export function contextOf(params: readonly unknown[]): string | undefined {
  const last = params.at(-1);
  return typeof last === 'string' && !hasFrames(last) ? last : undefined;
}

/**
 * Tells the parts of a call apart as Nest's own ConsoleLogger does: a last text is the context, a text that looks like a
 * stack is one. What else is given is data: a single object itself, else `params`. Never throws.
 */
export function readNestCall(message: unknown, params: readonly unknown[]): NestCall {
  const context = contextOf(params);
  const given = context === undefined ? params : params.slice(0, -1);
  const copy = new JsonCopy();
  const { text, more } = readMessage(message, copy);
  const data = dataOf([...more, ...othersOf(given, copy)]);
  return { message: text, context, data, stack: copy.stacks.joined };
}

function othersOf(params: readonly unknown[], copy: JsonCopy): JsonValue[] {
  const others: JsonValue[] = [];
  for (const param of params.slice(0, MAX_BREADTH)) {
    if (typeof param === 'string' && hasFrames(param)) copy.stacks.add(param);
    else if (param !== undefined) others.push(copy.of(param) ?? null);
  }
  const left = params.length - MAX_BREADTH;
  return left > 0 ? [...others, `${left} more`] : others;
}

function dataOf(shown: readonly JsonValue[]): JsonObject | undefined {
  const [only] = shown;
  if (only === undefined) return undefined;
  const isObject = shown.length === 1 && typeof only === 'object' && only !== null && !Array.isArray(only);
  return isObject ? (only as JsonObject) : { params: shown };
}
