import { BadRequestException, PayloadTooLargeException } from '@nestjs/common';
import { acceptEntry } from '../../entry/accept-entry.js';
import type { LogEntryInput } from '../../entry/log-entry.js';
import { messageOf, SessionLoggerError } from '../../session-logger.errors.js';

/** Entries of one request at the most. */
const MAX_ENTRIES = 10_000;
/** Wrong lines that one answer names. */
const MAX_ERRORS = 100;
const KNOWN: ReadonlySet<string> = new Set([
  'sessionId',
  'message',
  'logType',
  'level',
  'context',
  'data',
  'timestamp',
]);

/** What is wrong with one line. */
interface LineError {
  readonly line: number;
  readonly code: string;
  readonly message: string;
}

/** A line of a body, read as JSON, with its number, from 1. */
interface ReadLine {
  readonly line: number;
  readonly value: unknown;
}

/**
 * Reads entries, one a line of NDJSON; empty lines are passed over.
 *
 * @throws BadRequestException which names each wrong line, PayloadTooLargeException
 */
export function parseNdjson(text: string, sessionId: string): LogEntryInput[] {
  const errors: LineError[] = [];
  const lines: ReadLine[] = [];
  text.split('\n').forEach((json, at) => {
    if (json.trim() === '') return;
    try {
      lines.push({ line: at + 1, value: JSON.parse(json) as unknown });
    } catch (error) {
      errors.push({ line: at + 1, code: 'INVALID_JSON', message: messageOf(error) });
    }
  });
  return acceptLines(lines, sessionId, errors);
}

/**
 * Takes one entry.
 *
 * @throws BadRequestException
 */
export function parseEntry(value: unknown, sessionId: string): LogEntryInput[] {
  return acceptLines([{ line: 1, value }], sessionId, []);
}

function acceptLines(lines: readonly ReadLine[], sessionId: string, errors: LineError[]): LogEntryInput[] {
  if (lines.length > MAX_ENTRIES) {
    throw new PayloadTooLargeException(`One request may have ${MAX_ENTRIES} entries; send fewer at once.`);
  }
  const inputs = lines.map(({ line, value }) => {
    try {
      return checked(value, sessionId);
    } catch (error) {
      if (!(error instanceof SessionLoggerError)) throw error;
      errors.push({ line, code: error.code, message: error.message });
      return undefined;
    }
  });
  if (errors.length > 0) throw refused(errors);
  if (inputs.length === 0) throw new BadRequestException('The body has no entry.');
  return inputs.filter((input) => input !== undefined);
}

/** By the rules of entries logged in code, which are tried without logging it. */
function checked(value: unknown, sessionId: string): LogEntryInput {
  const stray = Object.keys(Object(value) as object).find((key) => !KNOWN.has(key));
  if (stray !== undefined && !Array.isArray(value)) {
    throw new SessionLoggerError(
      'INVALID_ENTRY',
      `${JSON.stringify(stray.slice(0, 64))} is no property of an entry; expected ${[...KNOWN].join(', ')}.`,
    );
  }
  const given = value as LogEntryInput;
  const { sessionId: own = sessionId } = Object(value) as { sessionId?: unknown };
  if (own !== sessionId) {
    throw new SessionLoggerError('INVALID_SESSION_ID', 'sessionId is not that of the path; leave it out.');
  }
  const input =
    Array.isArray(value) || typeof value !== 'object' || value === null ? given : { ...given, sessionId };
  acceptEntry(Array.isArray(input) ? (undefined as never) : input, '', '');
  return input;
}

function refused(errors: readonly LineError[]): BadRequestException {
  const shown = errors.toSorted((a, b) => a.line - b.line).slice(0, MAX_ERRORS);
  const lines = shown.map(({ line }) => line).join(', ');
  return new BadRequestException({
    statusCode: 400,
    message: `Nothing was logged: line ${lines}${errors.length > MAX_ERRORS ? ' and more' : ''} cannot be.`,
    errors: shown,
  });
}
