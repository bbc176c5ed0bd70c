import { Inject, Injectable } from '@nestjs/common';
import { parsePosition } from '../../entry/position.js';
import type { SessionGrant } from '../../options/authorize.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../../options/resolve-options.js';
import { OWN_SERVICE, type SessionLoggerService } from '../../session-logger.service.js';
import { SessionStore, type SessionReader } from '../../store/session-store.interface.js';
import { entryFilter, type EntryFilter } from '../entry-filter.js';
import type { OpenedView } from '../views/session-view.interface.js';
import { CompositeId, DELETED } from './composite-id.js';
import { MergedReader } from './merged-reader.js';
import type { SessionsRequest } from './sessions-request.js';
import { SessionsView } from './sessions-view.js';

/** Opens several sessions for one client. */
@Injectable()
export class SeveralSessions {
  constructor(
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(OWN_SERVICE) private readonly logs: SessionLoggerService,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /** Undefined where nothing is left to be sent, as all have ended. */
  async open(
    wanted: SessionsRequest,
    grants: ReadonlyMap<string, SessionGrant>,
  ): Promise<OpenedView | undefined> {
    const readers = await this.openAll(wanted.from);
    const empty = new Set(wanted.deleted);
    const reader = new MergedReader(readers, empty);
    if (wanted.isResume && (await this.isOver(reader, readers, empty))) {
      reader.close();
      return undefined;
    }
    const id = new CompositeId();
    const filters = new Map<string, EntryFilter>();
    for (const [sessionId, { position }] of readers) {
      const from = wanted.from.get(sessionId)!;
      // What a client gave is kept until its gap is told: cut off before that, it hears of it again.
      const place = parsePosition(from) === undefined ? position : from;
      id.set(sessionId, wanted.deleted.has(sessionId) ? DELETED : place);
      const filter = entryFilter(wanted, grants.get(sessionId)!);
      if (filter !== undefined) filters.set(sessionId, filter);
    }
    return { reader, view: new SessionsView(reader, id, filters, this.options.http.retry) };
  }

  /** All or none. */
  private async openAll(from: ReadonlyMap<string, string>): Promise<Map<string, SessionReader>> {
    const opening = [...from].map(async ([sessionId, place]) => this.store.open(sessionId, place));
    const opened = await Promise.allSettled(opening);
    const readers = new Map<string, SessionReader>();
    const sessionIds = [...from.keys()];
    for (const [at, result] of opened.entries())
      if (result.status === 'fulfilled') readers.set(sessionIds[at]!, result.value);
    const failure = opened.find((result) => result.status === 'rejected');
    if (failure === undefined) return readers;
    for (const reader of readers.values()) reader.close();
    throw failure.reason;
  }

  private async isOver(
    reader: MergedReader,
    readers: ReadonlyMap<string, SessionReader>,
    empty: Set<string>,
  ): Promise<boolean> {
    try {
      await this.keepEmpty(empty);
      if (!reader.isOver) return false;
      if (this.options.autoStart) await this.logs.distribute({ finite: true, held: false });
      await this.keepEmpty(empty);
    } catch (error) {
      reader.close();
      throw error;
    }
    return reader.isOver && ![...readers.keys()].some((sessionId) => this.logs.isHeld(sessionId));
  }

  /** Takes out those to which something was logged by now. */
  private async keepEmpty(sessionIds: Set<string>): Promise<void> {
    for (const sessionId of sessionIds) {
      const { records } = await this.store.history(sessionId, undefined, 1);
      if (records.length > 0) sessionIds.delete(sessionId);
    }
  }
}
