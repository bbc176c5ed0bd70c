import { types } from 'node:util';
import { HttpException } from '@nestjs/common';
import { MAX_BREADTH } from './copy-room.js';
import { memberOf, namedMembers, type Member, type Members } from './members.js';
import { tryTo } from './unshowable.js';

/** What is told of an error in a way of its own, or never. */
const KNOWN = new Set(['name', 'message', 'stack', 'cause', 'errors']);

/** Also one of another realm, such as that of a vm or of Jest. */
export function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

/** The stack of an error, where it has one that can be read. */
export function stackOf(error: Error): string | undefined {
  const stack: unknown = tryTo(() => error.stack, undefined);
  return typeof stack === 'string' ? stack : undefined;
}

/** Its name, its message and its {@link detailsOf}. */
export function errorMembers(error: Error): Members {
  return namedMembers([...['name', 'message'].map(memberOf(error)), ...detailsOf(error)]);
}

/**
 * What else an error says: own properties that are no objects, such as `code`; the response of an HttpException;
 * the cause, and the errors of an AggregateError. Objects may be requests with their secrets.
 */
export function detailsOf(error: Error): Member[] {
  const own = Object.keys(error).filter((key) => !KNOWN.has(key));
  const plain = own.slice(0, MAX_BREADTH).map(memberOf(error)).filter(isPlain);
  const nested = ['cause', 'errors']
    .map(memberOf(error))
    .filter(({ look }) => tryTo(look, undefined) != null);
  return [...plain, ...responseOf(error), ...nested];
}

function responseOf(error: Error): Member[] {
  return error instanceof HttpException ? [{ key: 'response', look: () => error.getResponse() }] : [];
}

function isPlain({ look }: Member): boolean {
  const value = tryTo(look, undefined);
  return value === null || !['object', 'function', 'undefined'].includes(typeof value);
}
