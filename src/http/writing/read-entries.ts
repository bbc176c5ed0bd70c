import { BadRequestException, UnsupportedMediaTypeException } from '@nestjs/common';
import type { LogEntryInput } from '../../entry/log-entry.js';
import type { SessionRequest } from '../../options/authorize.js';
import { messageOf } from '../../session-logger.errors.js';
import { parseEntry, parseNdjson } from './parse-entries.js';
import { bodyOf, type PlatformRequest } from './read-body.js';

const JSON_TYPE = 'application/json';
/** Media types of batches. */
export const NDJSON: ReadonlySet<string> = new Set([
  'application/x-ndjson',
  'application/jsonl',
  'application/ndjson',
]);

/** A request to log something. */
export type WriteRequest = SessionRequest & PlatformRequest;

/**
 * The entries that a request brings: one as JSON, or a line each.
 *
 * @throws HttpException where it is not to be read, or any of them is wrong; ClientGone
 */
export async function readEntries(
  request: WriteRequest,
  sessionId: string,
  maxBytes: number,
): Promise<LogEntryInput[]> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== JSON_TYPE && !NDJSON.has(type)) throw unknownType();
  const body = await bodyOf(request, maxBytes);
  if (type === JSON_TYPE) return parseEntry(typeof body === 'string' ? parseJson(body) : body, sessionId);
  if (typeof body === 'string') return parseNdjson(body, sessionId);
  throw alreadyParsed(type);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new BadRequestException(`The body is no JSON: ${messageOf(error)}`);
  }
}

function unknownType(): UnsupportedMediaTypeException {
  return new UnsupportedMediaTypeException(
    'Send application/json for one entry, application/x-ndjson for many.',
  );
}

function alreadyParsed(type: string): UnsupportedMediaTypeException {
  return new UnsupportedMediaTypeException(
    `A parser of the application has made something else than text or bytes of ${type}; have it leave that type out.`,
  );
}
