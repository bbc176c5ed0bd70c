import type { LogEntry } from './log-entry.js';

/** A text cut to a length, and how long it was. */
export interface Truncated {
  readonly text: string;
  /** UTF-8 bytes before the cut. */
  readonly originalBytes: number;
}

/** Cuts a well-formed text to at most `maxBytes` of UTF-8, between two characters; undefined where it fits. */
export function truncate(text: string, maxBytes: number): Truncated | undefined {
  // No UTF-16 unit takes more than three bytes, so that most texts need not be counted.
  if (text.length * 3 <= maxBytes) return undefined;
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return undefined;
  let end = maxBytes;
  while (isContinuation(bytes[end]!)) end--;
  return { text: bytes.toString('utf8', 0, end), originalBytes: bytes.length };
}

function isContinuation(byte: number): boolean {
  return (byte & 0b1100_0000) === 0b1000_0000;
}

/** Cuts the message of an entry that nobody else has seen yet, where it is too long, and tells so in it. */
export function cutMessage(entry: LogEntry, maxBytes: number): void {
  const cut = truncate(entry.message, maxBytes);
  if (cut === undefined) return;
  Object.assign(entry, { message: cut.text });
  markTruncated(entry, { originalBytes: entry.originalBytes ?? cut.originalBytes });
}

/** Tells in an entry that its message was cut. */
export function markTruncated(entry: LogEntry, cut: { originalBytes: number } | undefined): LogEntry {
  if (cut === undefined) return entry;
  return Object.assign(entry, { truncated: true as const, originalBytes: cut.originalBytes });
}
