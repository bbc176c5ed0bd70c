import { IsIn, IsOptional, IsString, Matches, ValidateBy } from 'class-validator';
import { AsGiven } from './as-given.decorator.js';
import { SESSION_ID_PATTERN, SESSION_ID_RULE } from './session-id.js';
import type { SessionEnd } from './session-end.js';

/** What an entry is: a chunk of the conversation (`chat`) or a line about it (`log`). */
export const LOG_TYPES = ['chat', 'log'] as const;

/** What an entry is: a chunk of the conversation (`chat`) or a line about it (`log`). */
export type LogType = (typeof LOG_TYPES)[number];

/** Nest's log levels, the least severe first. */
export const LOG_ENTRY_LEVELS = ['verbose', 'debug', 'log', 'warn', 'error', 'fatal'] as const;

/** One of Nest's log levels. */
export type LogEntryLevel = (typeof LOG_ENTRY_LEVELS)[number];

/** A value that JSON can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** An object that JSON can hold. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** What a caller gives of an entry; the rest is filled in. */
export interface LogEntryInput {
  /** Default: the session of `runInSession` around the caller. */
  sessionId?: string | undefined;
  message: string;
  logType?: LogType | undefined;
  level?: LogEntryLevel | undefined;
  context?: string | undefined;
  data?: JsonObject | undefined;
  timestamp?: string | undefined;
}

/** ISO 8601 in UTC, to the second or finer: `2026-11-22T14:26:00.000Z`. */
export function isUtcTimestamp(value: unknown): value is string {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(value)) return false;
  const time = Date.parse(value);
  return !Number.isNaN(time) && new Date(time).toISOString().slice(0, 19) === value.slice(0, 19);
}

/** How deep data may be nested: what is deeper overflows the stack of some JSON writer sooner or later. */
const MAX_DATA_DEPTH = 100;

/** An own copy of `value` as JSON keeps it, or undefined where it is no object that JSON can hold. */
export function toJsonObject(value: unknown): JsonObject | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  try {
    // JSON writes only a lone surrogate as a \ud8.. escape, and many readers refuse that escape.
    const json = JSON.stringify(value).replace(/(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/gi, '$1\\ufffd');
    const copy: unknown = JSON.parse(json);
    return isPlainObject(copy) && isWithinDepth(copy, MAX_DATA_DEPTH) ? copy : undefined;
  } catch {
    return undefined;
  }
}

function isPlainObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWithinDepth(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((member) => isWithinDepth(member, depth - 1));
}

const IsUtcTimestamp = (): PropertyDecorator =>
  ValidateBy({
    name: 'isUtcTimestamp',
    validator: { validate: isUtcTimestamp, defaultMessage: () => 'timestamp must be ISO 8601 in UTC' },
  });

const IsJsonObject = (): PropertyDecorator =>
  ValidateBy({
    name: 'isJsonObject',
    validator: {
      validate: (value: unknown) => toJsonObject(value) !== undefined,
      defaultMessage: () => 'data must be an object that JSON can hold',
    },
  });

/**
 * One message of one session.
 *
 * A DTO: its decorators say what is accepted at HTTP borders (make it with class-transformer's
 * `plainToInstance`). Entries logged in code are checked by the same rules written out by hand.
 */
export class LogEntry {
  /** `<process>-<n>`, given at acceptance: matches a line of a file with an entry of a session log. */
  readonly uid!: string;

  /** 1 to 128 of `A-Z a-z 0-9 . _ ~ : @ -`, not `.` or `..`. */
  @AsGiven()
  @Matches(SESSION_ID_PATTERN, { message: `sessionId must be ${SESSION_ID_RULE}` })
  readonly sessionId!: string;

  /** Any text; lone surrogates are replaced by U+FFFD on acceptance. */
  @AsGiven()
  @IsString()
  readonly message!: string;

  /** ISO 8601, UTC. Default: the time of the call. */
  @AsGiven(() => new Date().toISOString())
  @IsOptional()
  @IsUtcTimestamp()
  readonly timestamp: string;

  /** Default `chat`. */
  @AsGiven(() => 'chat')
  @IsOptional()
  @IsIn(LOG_TYPES)
  readonly logType: LogType;

  /** Severity, for entries of type `log`. */
  @AsGiven()
  @IsOptional()
  @IsIn(LOG_ENTRY_LEVELS)
  readonly level?: LogEntryLevel;

  /** Which part of the application speaks. */
  @AsGiven()
  @IsOptional()
  @IsString()
  readonly context?: string;

  /** Anything else, as JSON. */
  @AsGiven()
  @IsOptional()
  @IsJsonObject()
  readonly data?: JsonObject;

  /** Position in the session log, `<epoch>-<offset>`, once stored. */
  readonly id: string | undefined;

  /** Present where the message was longer than `limits.messageBytes` and has been cut. */
  readonly truncated?: true;

  /** How long a message that has been cut was, in bytes of UTF-8. */
  readonly originalBytes?: number;

  /** Trace that the caller was in, for entries of type `log`: 32 hexadecimal digits. */
  readonly traceId?: string;

  /** Span that the caller was in, for entries of type `log`: 16 hexadecimal digits. */
  readonly spanId?: string;

  /** Stack of the error that was logged. Unless readers are to see it JSON leaves it out: it is not enumerable. */
  readonly stack?: string;

  constructor(
    uid?: string,
    sessionId?: string,
    message?: string,
    timestamp?: string,
    logType?: LogType,
    level?: LogEntryLevel,
    context?: string,
    data?: JsonObject,
  ) {
    this.uid = uid!;
    this.sessionId = sessionId!;
    this.message = message!;
    this.timestamp = timestamp ?? new Date().toISOString();
    this.logType = logType ?? 'chat';
    this.id = undefined;
    // Most entries are chat and have none of these: a property that is not there takes no memory.
    if (level !== undefined) this.level = level;
    if (context !== undefined) this.context = context;
    if (data !== undefined) this.data = data;
  }
}

/**
 * A line of the application that no session's readers are given, only files, terminal and sinks. Its `sessionId` is
 * empty where it was logged outside of a session.
 */
export class LogLine extends LogEntry {}

/** What a session log holds: entries, and ends among them. */
export type SessionRecord = LogEntry | SessionEnd;
