import { LogEntry, type SessionRecord } from '../../entry/log-entry.js';
import { readRecords, type ReadPage } from '../../segments/record-source.js';
import { logStart } from './log-start.js';

/** Positions behind which replies begin. */
export interface Replies {
  /** Of the one that has not ended. */
  current?: string;
  /** Of the last one that has. */
  finished?: string;
  /** Behind all that there is of those before. */
  next: string;
}

/** A reply that has ended is only for who asks for it. */
export function lastOf(from: string | undefined, { finished }: Replies): string | undefined {
  return from === 'start' ? finished : undefined;
}

/** A line of the log makes no reply: it may well be logged behind its end. What is missing in one its reader is told. */
export async function lastReplies(read: ReadPage): Promise<Replies> {
  let replies: Replies = { next: 'start' };
  let begin: string | undefined;
  await readRecords(
    read,
    (record: SessionRecord) => {
      begin ??= logStart(record);
      if (record instanceof LogEntry) {
        if (record.logType === 'chat') replies.current ??= begin;
        return true;
      }
      if (replies.current !== undefined) replies.finished = replies.current;
      delete replies.current;
      begin = replies.next = record.id!;
      return true;
    },
    ({ reason }) => {
      if (reason === 'evicted') return;
      // Another log.
      replies = { next: 'start' };
      begin = undefined;
    },
  );
  return replies;
}
