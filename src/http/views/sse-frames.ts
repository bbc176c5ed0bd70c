import type { Gap } from '../../entry/gap.js';
import { LogEntry, type SessionRecord } from '../../entry/log-entry.js';
import type { SessionEnd } from '../../entry/session-end.js';

/** Keeps proxies and clients from taking silence for a dead connection. */
export const COMMENT_FRAME = ':\n\n';

/** The headers of a stream of events. */
export const EVENT_STREAM = { 'Content-Type': 'text/event-stream' };

/** An entry, without an event name so that `onmessage` gets it. JSON escapes every line break. */
export function entryFrame(entry: LogEntry, id = entry.id): string {
  return `id: ${id}\ndata: ${entryJson(entry)}\n\n`;
}

/** As `JSON.stringify`, at half its cost for a chunk of chat: only its message can hold what JSON escapes. */
function entryJson(entry: LogEntry): string {
  const { uid, sessionId, message, timestamp, logType, id } = entry;
  const isPlain =
    entry.level === undefined &&
    entry.context === undefined &&
    entry.data === undefined &&
    entry.truncated === undefined &&
    entry.traceId === undefined;
  if (!isPlain) return JSON.stringify(entry);
  return `{"uid":"${uid}","sessionId":"${sessionId}","message":${JSON.stringify(message)},"timestamp":"${timestamp}","logType":"${logType}","id":"${id}"}`;
}

/** JSON, without an event name. */
export function dataFrame(id: string, data: object): string {
  return `id: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** JSON, with an event name. */
export function namedFrame(event: string, id: string, data: object): string {
  return `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Moves the client's last event id. It has data because clients ignore an id that comes without. */
export function positionFrame(id: string): string {
  return namedFrame('position', id, {});
}

export function gapFrame(gap: Gap): string {
  return namedFrame('gap', gap.resumedAt, gap);
}

export function endFrame({ id, reason, error }: SessionEnd): string {
  return namedFrame('end', id!, { reason, error });
}

/** @param ms how long the client is to wait before it comes back */
export function retryFrame(ms: number): string {
  return `retry: ${ms}\n\n`;
}

/** Between half and one and a half of `ms`, so that clients sent away together do not come back together. */
export function jittered(ms: number): number {
  return Math.round(ms * (0.5 + Math.random()));
}

/** The frames of many records in one piece. Ends are left out: only the last thing of a log is told as an end. */
export function recordFrames(records: readonly SessionRecord[]): string {
  let frames = '';
  for (const record of records) if (record instanceof LogEntry) frames += entryFrame(record);
  return frames;
}

/**
 * Makes the bytes of a batch once for all clients that are given the same one. Only the last batch is
 * remembered: clients that follow a session live are served one after the other.
 */
export class FrameCache {
  private records: readonly SessionRecord[] = [];
  private bytes = Buffer.alloc(0);

  of(records: readonly SessionRecord[]): Buffer {
    if (records !== this.records) {
      this.bytes = Buffer.from(recordFrames(records));
      this.records = records;
    }
    return this.bytes;
  }
}
