import { randomBytes } from 'node:crypto';
import type { SessionRecord } from '../entry/log-entry.js';
import { messageOf, SessionLoggerError } from '../session-logger.errors.js';
import type { SessionStoreLimits } from '../store/session-store.interface.js';
import { cutIntoChunks, endingOf, numberRecords, type AppendChunk } from './append-batch.js';
import { isPassing, type RedisLink, type ScriptCall } from './redis-link.js';
import { APPEND } from './scripts.js';
import type { SessionKeys } from './session-keys.js';
import type { RecordRun } from './session-watch.js';

/** Bounds of what is kept, as Redis is told them. */
export type AppendLimits = Pick<SessionStoreLimits, 'sessionEntries' | 'sessionBytes'> & {
  sessionIdle: number;
  sessionEnded: number;
};

/** Whom an appender tells. */
export interface AppendListener {
  /** Records of one session were appended. `wasEnded` is undefined where the log is new. */
  appended(sessionId: string, run: RecordRun, wasEnded: boolean | undefined): void;
  troubled(what: string, error: unknown): void;
}

/** Sessions of which it is remembered how many records were dropped. */
const MAX_SKIPS = 10_000;

const EPOCH_BASE = randomBytes(8).toString('hex');
let epochs = 0;

/** A new epoch, which no log has had. */
export function newEpoch(): string {
  return EPOCH_BASE + (epochs++).toString(36);
}

/** Appends batches: one round trip each, tried until Redis has taken it, and never twice. */
export class Appender {
  /** Why the batch in hand is not appended yet. */
  failure: unknown;
  readonly writer = randomBytes(6).toString('hex');
  private serial = 0;
  /** Records dropped before they could be appended, by session: their offsets are left out, which readers see. */
  private readonly skips = new Map<string, number>();

  constructor(
    private readonly link: RedisLink,
    private readonly keys: SessionKeys,
    private readonly limits: AppendLimits,
    private readonly listener: AppendListener,
  ) {}

  /** The next record of the session leaves one more offset out. */
  skip(sessionId: string): void {
    if (this.skips.size < MAX_SKIPS || this.skips.has(sessionId)) {
      this.skips.set(sessionId, (this.skips.get(sessionId) ?? 0) + 1);
    }
  }

  /** @throws SessionLoggerError `WRITE_FAILED`, as the port says; names the sessions */
  async append(records: readonly SessionRecord[]): Promise<void> {
    const chunks = cutIntoChunks(records, this.takeSkip);
    let open = chunks.map((chunk) => ({ chunk, call: this.callOf(chunk) }));
    const lost: { chunk: AppendChunk; error: unknown }[] = [];
    while (open.length > 0) {
      const results = await this.link.tryAll(open.map(({ call }) => call)).catch((error: unknown) => {
        throw unwritten(records.length, [...lost, ...open.map(({ chunk }) => ({ chunk, error }))]);
      });
      const again = open.filter(({ chunk }, at) => !this.isDone(chunk, results[at]!, lost));
      if (again.length > 0) await this.waitForRedis(results);
      open = again;
    }
    this.failure = undefined;
    if (lost.length > 0) throw unwritten(records.length, lost);
  }

  private isDone(
    chunk: AppendChunk,
    result: PromiseSettledResult<unknown>,
    lost: { chunk: AppendChunk; error: unknown }[],
  ): boolean {
    if (result.status === 'fulfilled') {
      this.tell(chunk, result.value as [string, number, number, string]);
      return true;
    }
    // A chunk that follows one that is lost would wait for it for ever.
    const before = lost.find(({ chunk: { sessionId } }) => sessionId === chunk.sessionId);
    if (before === undefined && isPassing(result.reason)) return false;
    lost.push({ chunk, error: before?.error ?? result.reason });
    return true;
  }

  private tell(chunk: AppendChunk, [epoch, from, isNew, ended]: [string, number, number, string]): void {
    numberRecords(chunk, epoch, from);
    const run = { epoch, from, records: chunk.records };
    this.listener.appended(chunk.sessionId, run, isNew === 1 ? undefined : ended !== '');
  }

  private async waitForRedis(results: readonly PromiseSettledResult<unknown>[]): Promise<void> {
    const refused = results.find((result) => result.status === 'rejected' && isPassing(result.reason));
    this.failure = (refused as PromiseRejectedResult).reason;
    this.listener.troubled('Redis does not take entries; they wait and are tried again', this.failure);
    // Its rejection is that of the next try.
    await this.link.pause().catch(() => {});
  }

  private callOf(chunk: AppendChunk): ScriptCall {
    const { sessionId, texts, skip, follows } = chunk;
    const { sessionEntries, sessionBytes, sessionIdle, sessionEnded } = this.limits;
    this.serial++;
    return {
      script: APPEND,
      keys: [this.keys.meta(sessionId), this.keys.log(sessionId)],
      args: [
        this.writer,
        this.serial,
        follows ? 1 : 0,
        newEpoch(),
        sessionEntries,
        sessionBytes,
        sessionIdle,
        sessionEnded,
        this.keys.channel(sessionId),
        this.link.publishCommand,
        skip,
        endingOf(chunk),
        ...texts,
      ],
    };
  }

  private readonly takeSkip = (sessionId: string): number => {
    const skip = this.skips.get(sessionId) ?? 0;
    this.skips.delete(sessionId);
    return skip;
  };
}

function unwritten(
  count: number,
  lost: readonly { chunk: AppendChunk; error: unknown }[],
): SessionLoggerError {
  const missing = lost.reduce((sum, { chunk }) => sum + chunk.records.length, 0);
  const [first] = lost;
  const others = new Set(lost.map(({ chunk }) => chunk.sessionId)).size - 1;
  return new SessionLoggerError(
    'WRITE_FAILED',
    `Redis did not take ${missing} of ${count} records, of session ${first!.chunk.sessionId}` +
      `${others > 0 ? ` and ${others} others` : ''}: ${messageOf(first!.error)}. ` +
      (isPassing(first!.error)
        ? 'The store was closed before Redis could take them.'
        : 'Look at the keys of that session; the others go on.'),
    { cause: first!.error, details: { written: count - missing, sessionId: first!.chunk.sessionId } },
  );
}
