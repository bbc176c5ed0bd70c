import { LogEntry, LogLine, toJsonObject, type JsonObject, type LogEntryLevel } from './log-entry.js';
import { markTruncated, truncate } from './truncate.js';

/** A line that the application logged. */
export interface LineInput {
  message: string;
  level: LogEntryLevel;
  context?: string | undefined;
  data?: JsonObject | undefined;
  /** Stack of the error that was logged. */
  stack?: string | undefined;
  /** The session that it was logged in, if any. */
  sessionId: string | undefined;
  /** Whether readers of that session are given it; else only files, terminal and sinks. */
  isShared: boolean;
  /** Whether they are given the stack, too. */
  isStackShared: boolean;
}

/** Makes an entry of a line, which is taken as it is: what JSON cannot hold of its data is left out. */
export function acceptLine(input: LineInput, uid: string, now: string, maxMessageBytes: number): LogEntry {
  const { sessionId, message, level, context, data, stack } = input;
  const text = message.toWellFormed();
  const cut = truncate(text, maxMessageBytes);
  const Line = input.isShared && sessionId !== undefined ? LogEntry : LogLine;
  const entry = new Line(
    uid,
    sessionId ?? '',
    cut?.text ?? text,
    now,
    'log',
    level,
    context?.toWellFormed(),
    data && toJsonObject(data),
  );
  if (stack !== undefined) keepStack(entry, stack.toWellFormed(), maxMessageBytes, input.isStackShared);
  return markTruncated(entry, cut);
}

/** Cut like a message. One that is not to be seen by readers is left out of JSON. */
function keepStack(entry: LogEntry, stack: string, maxBytes: number, isShared: boolean): void {
  Object.defineProperty(entry, 'stack', {
    value: truncate(stack, maxBytes)?.text ?? stack,
    enumerable: isShared,
    configurable: true,
    writable: true,
  });
}
