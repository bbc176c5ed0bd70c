import type { JsonObject } from '../entry/log-entry.js';
import { messageOf } from '../session-logger.errors.js';
import { safeJson } from './safe-json.js';

/** What a call of Nest's logger says. */
export interface NestCall {
  readonly message: string;
  readonly context: string | undefined;
  readonly data: JsonObject | undefined;
  readonly stack: string | undefined;
}

/**
 * Tells the parts of a call apart as Nest's own ConsoleLogger does: a last text is the context, a text that looks like a
 * stack is one. What else is given is data: a single object itself, else `params`.
 */
export function readNestCall(message: unknown, params: readonly unknown[]): NestCall {
  const rest = [...params];
  const last = rest.at(-1);
  const context = typeof last === 'string' && !isStack(last) ? (rest.pop() as string) : undefined;
  const stackAt = rest.findIndex(isStack);
  const given = stackAt === -1 ? undefined : (rest.splice(stackAt, 1)[0] as string);
  const others = rest.filter((param) => param !== undefined);
  const { text, more } = readMessage(message);
  const stack = given ?? [message, ...others].map(stackOf).find((one) => one !== undefined);
  return { message: text, context, data: dataOf([...more, ...others]), stack };
}

/** An object with a `message` of its own says the rest of it as data. */
function readMessage(message: unknown): { text: string; more: unknown[] } {
  if (typeof message === 'string') return { text: message, more: [] };
  if (message instanceof Error) return { text: messageOf(message), more: [] };
  if (typeof message === 'object' && message !== null && 'message' in message) {
    const { message: text, ...rest } = message;
    if (typeof text === 'string') return { text, more: Object.keys(rest).length === 0 ? [] : [rest] };
  }
  const shown = safeJson(message);
  return { text: typeof shown === 'string' ? shown : JSON.stringify(shown), more: [] };
}

function dataOf(params: readonly unknown[]): JsonObject | undefined {
  if (params.length === 0) return undefined;
  const shown = params.map(safeJson);
  const [only] = shown;
  const isObject = shown.length === 1 && typeof only === 'object' && only !== null && !Array.isArray(only);
  return isObject ? (only as JsonObject) : { params: shown };
}

function stackOf(value: unknown): string | undefined {
  return value instanceof Error && typeof value.stack === 'string' ? value.stack : undefined;
}

/** As Nest's ConsoleLogger knows one. */
function isStack(value: unknown): boolean {
  return typeof value === 'string' && /\n[ \t]+at .+:\d+:\d+/.test(value);
}
