import { BadRequestException, PayloadTooLargeException } from '@nestjs/common';
import { acceptEntry } from '../../entry/accept-entry.js';
import type { LogEntryInput } from '../../entry/log-entry.js';
import { SessionLoggerError } from '../../session-logger.errors.js';

/** Entries of one request at the most. */
export const MAX_ENTRIES = 10_000;
/** Wrong lines that one answer names. */
export const MAX_ERRORS = 100;
const KNOWN: ReadonlySet<string> = new Set([
  'sessionId',
  'message',
  'logType',
  'level',
  'context',
  'data',
  'timestamp',
]);

/** A line, with its number, from 1. */
interface UnreadLine {
  readonly line: number;
  readonly read: () => unknown;
}

/** What is wrong with one line. */
export interface LineError {
  readonly line: number;
  readonly code: string;
  readonly message: string;
}

/**
 * Reads entries, one a line of NDJSON; empty lines are passed over.
 *
 * @throws BadRequestException which names the first wrong lines, PayloadTooLargeException
 */
export function parseNdjson(text: string, sessionId: string): LogEntryInput[] {
  const lines = text.split('\n').map((json, at) => ({ line: at + 1, json }));
  const given = lines.filter(({ json }) => json.trim() !== '');
  if (given.length > MAX_ENTRIES) {
    throw new PayloadTooLargeException(`One request may have ${MAX_ENTRIES} entries; send fewer at once.`);
  }
  return accept(
    given.map(({ line, json }) => ({ line, read: () => JSON.parse(json) as unknown })),
    sessionId,
  );
}

/**
 * Takes one entry.
 *
 * @throws BadRequestException
 */
export function parseEntry(value: unknown, sessionId: string): LogEntryInput[] {
  return accept([{ line: 1, read: () => value }], sessionId);
}

/** A wrong line costs more than a good one: no more of them are looked at than are told. */
function accept(lines: readonly UnreadLine[], sessionId: string): LogEntryInput[] {
  const inputs: LogEntryInput[] = [];
  const errors: LineError[] = [];
  for (const { line, read } of lines) {
    if (errors.length > MAX_ERRORS) break;
    try {
      inputs.push(checked(read(), sessionId));
    } catch (error) {
      errors.push({ line, ...describe(error) });
    }
  }
  if (errors.length > 0) throw refused(errors);
  if (inputs.length === 0) throw new BadRequestException('The body has no entry.');
  return inputs;
}

function describe(error: unknown): Pick<LineError, 'code' | 'message'> {
  if (error instanceof SessionLoggerError) return { code: error.code, message: error.message };
  if (error instanceof SyntaxError) return { code: 'INVALID_JSON', message: error.message };
  throw error;
}

/** By the rules of entries logged in code, which are tried without logging it. */
function checked(value: unknown, sessionId: string): LogEntryInput {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SessionLoggerError('INVALID_ENTRY', 'This is no object; expected { "message": "…" }.');
  }
  const stray = Object.keys(value).find((key) => !KNOWN.has(key));
  if (stray !== undefined) {
    throw new SessionLoggerError(
      'INVALID_ENTRY',
      `${JSON.stringify(stray.slice(0, 64))} is no property of an entry; expected ${[...KNOWN].join(', ')}.`,
    );
  }
  const { sessionId: own = sessionId } = value as { sessionId?: unknown };
  if (own !== sessionId) {
    throw new SessionLoggerError('INVALID_SESSION_ID', 'sessionId is not that of the path; leave it out.');
  }
  const input = { ...(value as LogEntryInput), sessionId };
  acceptEntry(input, '', '');
  return input;
}

function refused(errors: readonly LineError[]): BadRequestException {
  const shown = errors.slice(0, MAX_ERRORS);
  const lines = shown.map(({ line }) => line).join(', ');
  return new BadRequestException({
    statusCode: 400,
    message: `Nothing was logged: line ${lines}${errors.length > MAX_ERRORS ? ' and more' : ''} cannot be.`,
    errors: shown,
  });
}
