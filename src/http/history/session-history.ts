import { Inject, Injectable } from '@nestjs/common';
import type { Gap } from '../../entry/gap.js';
import { LogEntry, type SessionRecord } from '../../entry/log-entry.js';
import { formatPosition, parsePosition } from '../../entry/position.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../../options/resolve-options.js';
import { readLogFiles, type LogFileEntry } from '../../sinks/file/read-log-files.js';
import { SessionStore, type SessionHistory as StoredPage } from '../../store/session-store.interface.js';
import { HistoryPage, type HistoryPlace } from './history-page.js';

/** What of a session's past is wanted. */
export interface HistoryRequest {
  readonly sessionId: string;
  /** Where to go on; undefined at the beginning. */
  readonly place: HistoryPlace | undefined;
  readonly limit: number;
  /** Whether an entry, of the store or of a file, is to be given. */
  readonly isWanted: (entry: Omit<LogEntry, 'id'>) => boolean;
}

/** Records of the store read at once. */
const STORE_PAGE = 500;
/** How often the files are gone through for what has left the store meanwhile. */
const MAX_ROUNDS = 3;

/** A session's past: what only the daily files still hold, then what the store holds. */
@Injectable()
export class SessionHistory {
  constructor(
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /** A page, the oldest entries first. `place` of the page is where the next one begins, if it `isFull`. */
  async page(request: HistoryRequest): Promise<HistoryPage> {
    const page = new HistoryPage(request.limit, request.place ?? {});
    let position = request.place?.position;
    let isFirst = position === undefined;
    // Behind which entry of a file a position stands only its uid tells.
    const isSeekable = isFirst || request.place?.uid !== undefined;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      if (isFirst && this.hasFiles) {
        const begin = await this.fromFiles(request, page);
        if (page.isFull) return page;
        position = begin;
      }
      const isLast = round === MAX_ROUNDS - 1 || !this.hasFiles || !isSeekable;
      const gap = await this.fromStore(request, page, position, isLast);
      if (gap === undefined) return page;
      // What the reader has not seen has left the store: the files may have it.
      isFirst = true;
    }
    return page;
  }

  /** Files keep stacks that readers are not to see. */
  private forReaders(entry: LogFileEntry): object {
    return this.options.context.stacks ? entry : { ...entry, stack: undefined };
  }

  private get hasFiles(): boolean {
    const { files } = this.options;
    return files !== false && files.format === 'json';
  }

  /**
   * What stands in the files and no longer in the store, behind the entry given last.
   *
   * @returns position before the first record of the store, where it has any
   */
  private async fromFiles(
    { sessionId, isWanted }: HistoryRequest,
    page: HistoryPage,
  ): Promise<string | undefined> {
    const { uids, begin } = await this.stored(sessionId);
    const { uid } = page.place;
    const { dir } = this.options.files as { dir: string };
    let isBehind = uid === undefined;
    for await (const entry of readLogFiles({ dir, sessionId })) {
      if (!isBehind) isBehind = entry.uid === uid;
      else if (isOnlyInFile(entry, uids) && isWanted(entry)) {
        if (!page.add(this.forReaders(entry), { uid: entry.uid })) return begin;
      }
    }
    // The files no longer have it either.
    if (!isBehind) page.add({ gap: { reason: 'evicted', missed: null } }, page.place);
    return begin;
  }

  /** @returns a gap before the first record, where it is not to be told */
  private async fromStore(
    { sessionId, isWanted }: HistoryRequest,
    page: HistoryPage,
    begin: string | undefined,
    isGapTold: boolean,
  ): Promise<Gap | undefined> {
    let after = begin;
    for (;;) {
      const { records, position, more, gap } = await this.read(sessionId, after);
      if (gap !== undefined && !isGapTold) return gap;
      if (gap !== undefined && !page.add({ gap }, { ...page.place, position: gap.resumedAt }))
        return undefined;
      for (const record of records) {
        if (isShown(record, isWanted) && !page.add(record, this.behind(record, page))) return undefined;
      }
      after = position;
      if (!more) return undefined;
    }
  }

  /** An end is in no file, so that the entry before it is remembered. */
  private behind(record: SessionRecord, { place }: HistoryPage): HistoryPlace {
    return { position: record.id, uid: record instanceof LogEntry ? record.uid : place.uid };
  }

  /** What the store holds of a session: the uids, and the position before the first. */
  private async stored(sessionId: string): Promise<{ uids: Set<string>; begin: string | undefined }> {
    const uids = new Set<string>();
    let begin: string | undefined;
    let after: string | undefined;
    for (let more = true; more;) {
      const page = await this.read(sessionId, after);
      begin ??= page.records[0] && before(page.records[0]);
      for (const { uid } of page.records) uids.add(uid);
      ({ more, position: after } = page);
    }
    return { uids, begin };
  }

  private async read(sessionId: string, after: string | undefined): Promise<StoredPage> {
    return this.store.history(sessionId, after, STORE_PAGE);
  }
}

function isShown(record: SessionRecord, isWanted: HistoryRequest['isWanted']): boolean {
  return !(record instanceof LogEntry) || isWanted(record);
}

/** Lines of the application that no reader was given are none of its past. */
function isOnlyInFile({ uid, stream }: LogFileEntry, stored: ReadonlySet<string>): boolean {
  return stream !== false && !stored.has(uid);
}

function before({ id }: SessionRecord): string {
  const { epoch, offset } = parsePosition(id!)!;
  return formatPosition(epoch, offset - 1);
}
