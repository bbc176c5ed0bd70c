import { LogLine, type LogEntry } from '../../entry/log-entry.js';

/** How a line of a log file looks: `json`, one JSON object; `text`, for people; or as a function makes it. */
export type LineFormat = 'json' | 'text' | ((entry: LogEntry) => string);

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * An entry as one line of a log file, without the newline that ends it.
 *
 * @param onError called with what a `format` of the user's has thrown; the line is then JSON
 */
export function formatLine(entry: LogEntry, format: LineFormat, onError: (error: unknown) => void): string {
  if (format === 'json') return jsonLine(entry);
  return format === 'text' ? textLine(entry) : madeLine(entry, format, onError);
}

/** The line that stands where entries were dropped. It is of no session. */
export function formatDropNotice(dropped: number, format: LineFormat): string {
  const timestamp = new Date().toISOString();
  const message = `${dropped} entries were dropped here, as the queue of the log file was full`;
  if (format === 'text') return `${timestamp} WARN    [SessionLogger] ${message}`;
  const data = { dropped };
  return JSON.stringify({
    timestamp,
    logType: 'log',
    level: 'warn',
    context: 'SessionLogger',
    message,
    data,
  });
}

function madeLine(
  entry: LogEntry,
  format: (entry: LogEntry) => string,
  onError: (error: unknown) => void,
): string {
  try {
    const line: unknown = format(entry);
    if (typeof line !== 'string')
      throw new TypeError(`it returned a value of type ${typeof line}, not a text`);
    return escapeControls(line.toWellFormed());
  } catch (error) {
    onError(error);
    return jsonLine(entry);
  }
}

/** Without `id`: a line needs no position, which another process's store may not even have given yet. */
function jsonLine(entry: LogEntry): string {
  const { uid, timestamp, sessionId, logType, level, context, message, data, truncated, originalBytes } =
    entry;
  const { traceId, spanId, stack } = entry;
  return JSON.stringify({
    uid,
    timestamp,
    // A line of the application that was logged outside of a session has none.
    sessionId: sessionId || undefined,
    logType,
    level,
    context,
    message,
    data,
    truncated,
    originalBytes,
    traceId,
    spanId,
    stack,
    // No reader of its session was given it.
    stream: entry instanceof LogLine ? false : undefined,
  });
}

function textLine(entry: LogEntry): string {
  const { timestamp, sessionId, message, context, data, traceId, spanId, stack } = entry;
  const parts = [
    timestamp,
    (entry.level ?? entry.logType).toUpperCase().padEnd('VERBOSE'.length),
    context === undefined ? undefined : `[${context}]`,
    sessionId || undefined,
    message,
    data && JSON.stringify(data),
    traceId && `traceId=${traceId}`,
    spanId && `spanId=${spanId}`,
    stack,
  ];
  return escapeControls(parts.filter((part) => part !== undefined).join(' '));
}

/** Whatever ends a line somewhere or steers a terminal becomes a visible escape. */
function escapeControls(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (one) => SHORT_ESCAPES[one] ?? `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
