import type { JsonValue } from '../../entry/log-entry.js';
import { detailsOf, isError, stackOf } from './error-members.js';
import type { JsonCopy } from './json-copy.js';
import { membersOf, namedMembers } from './members.js';
import { tryTo, UNSHOWABLE } from './unshowable.js';

/** Characters of the text that stands for an object, which is in `data` as a whole. */
const SHORT = 200;

/** How often the result of a function may be a function again. */
const MAX_CALLS = 8;

/** The text of a message, and what else it says. */
export interface NestMessage {
  readonly text: string;
  readonly more: readonly JsonValue[];
}

/** As Nest's ConsoleLogger takes one: a function is called, a class gives its name. */
export function readMessage(message: unknown, copy: JsonCopy): NestMessage {
  return tryTo(() => read(resolved(message), copy), { text: UNSHOWABLE, more: [] });
}

function resolved(message: unknown): unknown {
  let value = message;
  for (let calls = 0; typeof value === 'function' && calls < MAX_CALLS; calls++)
    value = isClass(value) ? value.name : (value as () => unknown)();
  return value;
}

function isClass(value: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

function read(message: unknown, copy: JsonCopy): NestMessage {
  if (typeof message !== 'object' || message === null) return { text: textOf(message, copy), more: [] };
  if (isError(message)) return readError(message, copy);
  const text: unknown = tryTo(() => (message as { message?: unknown }).message, UNSHOWABLE);
  return typeof text === 'string' ? readTold(text, message, copy) : readObject(message, copy);
}

function readError(error: Error, copy: JsonCopy): NestMessage {
  copy.stacks.add(stackOf(error));
  const text = textOf(
    tryTo(() => error.message || error.name, UNSHOWABLE),
    copy,
  );
  return { text, more: ifAny(copy.ofMembers(namedMembers(detailsOf(error)))) };
}

/** An object with a message of its own says the rest of it as data. */
function readTold(text: string, object: object, copy: JsonCopy): NestMessage {
  const { first, size, ...members } = membersOf(object);
  const rest = first.filter(({ key }) => key !== 'message');
  const left = { ...members, first: rest, size: size - (first.length - rest.length) };
  return { text: textOf(text, copy), more: ifAny(copy.ofMembers(left)) };
}

/** A list has no place in data but `params`, so that its text is not shortened. */
function readObject(message: object, copy: JsonCopy): NestMessage {
  const shown = copy.of(message);
  const text = jsonText(shown);
  if (typeof shown !== 'object' || Array.isArray(shown)) return { text, more: [] };
  return { text: text.length > SHORT ? `${text.slice(0, SHORT)}…` : text, more: ifAny(shown) };
}

/** A text as it is, whose length the entry bounds. */
function textOf(value: unknown, copy: JsonCopy): string {
  return typeof value === 'string' ? copy.stacks.cutFrom(value) : jsonText(copy.of(value));
}

function jsonText(shown: JsonValue | undefined): string {
  if (shown === undefined) return 'undefined';
  return typeof shown === 'string' ? shown : JSON.stringify(shown);
}

function ifAny(value: JsonValue): JsonValue[] {
  return Object.keys(Object(value)).length === 0 ? [] : [value];
}
