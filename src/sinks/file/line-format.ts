import type { LogEntry } from '../../entry/log-entry.js';

/** How a line of a log file looks: `json`, one JSON object, or `text`, for people. */
export type LineFormat = 'json' | 'text';

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** An entry as one line of a log file, without the newline that ends it. */
export function formatLine(entry: LogEntry, format: LineFormat): string {
  return format === 'json' ? jsonLine(entry) : textLine(entry);
}

/** Without `id`: a line needs no position, which another process's store may not even have given yet. */
function jsonLine(entry: LogEntry): string {
  const { uid, timestamp, sessionId, logType, level, context, message, data, truncated, originalBytes } =
    entry;
  return JSON.stringify({
    uid,
    timestamp,
    sessionId,
    logType,
    level,
    context,
    message,
    data,
    truncated,
    originalBytes,
  });
}

function textLine(entry: LogEntry): string {
  const level = (entry.level ?? entry.logType).toUpperCase().padEnd('VERBOSE'.length);
  const context = entry.context === undefined ? '' : `[${entry.context}] `;
  const data = entry.data === undefined ? '' : ` ${JSON.stringify(entry.data)}`;
  return escapeControls(`${entry.timestamp} ${level} ${context}${entry.sessionId} ${entry.message}${data}`);
}

/** Whatever ends a line somewhere or steers a terminal becomes a visible escape. */
function escapeControls(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (one) => SHORT_ESCAPES[one] ?? `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
