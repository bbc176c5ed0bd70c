import { Inject, Injectable } from '@nestjs/common';
import { LogEntry, type SessionRecord } from '../../entry/log-entry.js';
import type { SessionEnd } from '../../entry/session-end.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../../options/resolve-options.js';
import { OWN_SERVICE, type SessionLoggerService } from '../../session-logger.service.js';
import {
  endOfLogFiles,
  readLogFilesTo,
  type LogFileEntry,
  type LogFilesEnd,
} from '../../sinks/file/read-log-files.js';
import { SessionStore } from '../../store/session-store.interface.js';
import { addFromFiles, type FilePast } from './file-past.js';
import { HistoryPage, type HistoryPlace } from './history-page.js';
import { STORE_PAGE, takeSnapshot, type StoreSnapshot } from './store-snapshot.js';

/** What of a session's past is wanted. */
export interface HistoryRequest {
  readonly sessionId: string;
  /** Where to go on; undefined at the beginning. */
  readonly place: HistoryPlace | undefined;
  readonly limit: number;
  /** Whether an entry, of the store or of a file, or an end is to be given. */
  readonly isWanted: (record: Omit<LogEntry, 'id'> | SessionEnd) => boolean;
}

/** How often the files are gone through while they are behind the store. */
const MAX_ROUNDS = 3;

/** A session's past: what only the daily files still hold, then what the store holds. */
@Injectable()
export class SessionHistory {
  constructor(
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(OWN_SERVICE) private readonly logs: SessionLoggerService,
  ) {}

  /** A page, the oldest entries first. `place` of the page is where the next one begins, if it `isFull`. */
  async page(request: HistoryRequest): Promise<HistoryPage> {
    const page = new HistoryPage(request.limit, request.place ?? {});
    const beginsInStore = request.place?.position !== undefined || !this.hasFiles;
    if (beginsInStore && (await this.fromStore(request, page))) return page;
    for (let round = 1; ; round++) {
      if (await this.fromFiles(request, page, round === MAX_ROUNDS)) return page;
    }
  }

  /** Has the store take what was logged before. */
  private async settle(): Promise<void> {
    if (this.options.autoStart) await this.logs.distribute({ finite: true, held: false });
  }

  private get hasFiles(): boolean {
    const { files } = this.options;
    return files !== false && files.format === 'json';
  }

  /** @returns false where what comes next has left the store, and the files may have it */
  private async fromStore(
    { sessionId, place, isWanted }: HistoryRequest,
    page: HistoryPage,
  ): Promise<boolean> {
    let after = place?.position;
    await this.settle();
    for (;;) {
      const { records, position, more, gap } = await this.store.history(sessionId, after, STORE_PAGE);
      if (gap !== undefined) {
        // Behind which entry of a file a position stands only its uid tells.
        if (this.hasFiles && page.place.uid !== undefined) return page.endEarly();
        if (!page.add({ gap }, { ...page.place, position: gap.resumedAt })) return true;
      }
      if (!addRecords(page, records.filter(isWanted)) || !more) return true;
      after = position;
    }
  }

  /**
   * Adds what the files hold and the store does not, then what the store holds. The files are read up to where they
   * ended before the store was looked at: what is logged meanwhile is none of the page.
   *
   * @returns false where the files are behind the store, so that the page is to be gone on with
   */
  private async fromFiles(request: HistoryRequest, page: HistoryPage, isLast: boolean): Promise<boolean> {
    const { dir } = this.options.files as { dir: string };
    const end = endOfLogFiles(dir);
    await this.settle();
    const snapshot = await takeSnapshot(this.store, request, page.place);
    const found = await addFromFiles(page, this.pastOf(request, end, snapshot));
    if (page.isFull) return true;
    const areBehind = snapshot.isTorn || (snapshot.isCut && !found.hasMet);
    if (areBehind && !isLast) return false;
    if (!found.isFound) return this.afterLoss(request, page, found.earlier);
    if (areBehind && page.endEarly()) return true;
    if (areBehind) tellMissing(page, snapshot.begin);
    addRecords(page, snapshot.first);
    return true;
  }

  /** Goes on where the entry given last is in no file: what is left came later, as the oldest files go first. */
  private async afterLoss(
    request: HistoryRequest,
    page: HistoryPage,
    earlier: string | undefined,
  ): Promise<boolean> {
    const gap = { reason: 'evicted', missed: null };
    return page.add({ gap }, { uid: earlier }) ? this.fromFiles(request, page, true) : true;
  }

  private pastOf(
    { sessionId, isWanted }: HistoryRequest,
    end: LogFilesEnd,
    { uids }: StoreSnapshot,
  ): FilePast {
    const shown = this.forReaders;
    return { entries: readLogFilesTo(end, sessionId), stored: uids, isWanted, shown };
  }

  /** Files keep stacks that readers are not to see. */
  private readonly forReaders = (entry: LogFileEntry): object =>
    this.options.context.stacks ? entry : { ...entry, stack: undefined };
}

/** Says that entries have left the store which the files do not have. */
function tellMissing(page: HistoryPage, begin: string | undefined): void {
  const gap = { reason: 'evicted', resumedAt: begin, missed: null };
  page.add({ gap }, { ...page.place, position: begin });
}

/** @returns whether all of them had room */
function addRecords(page: HistoryPage, records: readonly SessionRecord[]): boolean {
  return records.every((record) => page.add(record, behind(record, page)));
}

/** An end is in no file, so that the entry before it is remembered. */
function behind(record: SessionRecord, { place }: HistoryPage): HistoryPlace {
  return { position: record.id, uid: record instanceof LogEntry ? record.uid : place.uid };
}
