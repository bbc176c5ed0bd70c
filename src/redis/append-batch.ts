import type { SessionRecord } from '../entry/log-entry.js';
import { formatPosition } from '../entry/position.js';
import { SessionEnd } from '../entry/session-end.js';
import { encodeRecord } from './record-codec.js';

/** Records and bytes of one call at the most: what is published with one message. */
const MAX_RECORDS = 512;
const MAX_BYTES = 512 * 1024;

/** Consecutive records of one session, appended by one call. */
export interface AppendChunk {
  readonly sessionId: string;
  readonly records: SessionRecord[];
  readonly texts: string[];
  /** Offsets to leave out before them: of records that were dropped. */
  readonly skip: number;
  /** Whether the chunk before is of the same session, and has to be appended first. */
  readonly follows: boolean;
  bytes: number;
}

/** Cuts a batch of any sessions' records into chunks of one session each, each session's in order. */
export function cutIntoChunks(
  records: readonly SessionRecord[],
  takeSkip: (sessionId: string) => number,
): AppendChunk[] {
  const bySession = new Map<string, AppendChunk[]>();
  for (const record of records) {
    const text = encodeRecord(record);
    const chunks = bySession.get(record.sessionId) ?? [];
    if (chunks.length === 0) bySession.set(record.sessionId, chunks);
    const chunk = chunkFor(chunks, record.sessionId, text.length, takeSkip);
    chunk.records.push(record);
    chunk.texts.push(text);
    chunk.bytes += text.length;
  }
  return [...bySession.values()].flat();
}

/** Gives records their positions. */
export function numberRecords({ records }: AppendChunk, epoch: string, from: number): void {
  const prefix = formatPosition(epoch, '');
  records.forEach((record, at) => ((record as { id: string }).id = prefix + (from + at)));
}

/** How a chunk leaves its session: the reason of an end, or nothing. */
export function endingOf({ records }: AppendChunk): string {
  const last = records.at(-1);
  return last instanceof SessionEnd ? last.reason : '';
}

function chunkFor(
  chunks: AppendChunk[],
  sessionId: string,
  bytes: number,
  takeSkip: (sessionId: string) => number,
): AppendChunk {
  const last = chunks.at(-1);
  if (last !== undefined && last.records.length < MAX_RECORDS && last.bytes + bytes <= MAX_BYTES) return last;
  const follows = last !== undefined;
  const skip = follows ? 0 : takeSkip(sessionId);
  const chunk: AppendChunk = { sessionId, records: [], texts: [], skip, follows, bytes: 0 };
  chunks.push(chunk);
  return chunk;
}
