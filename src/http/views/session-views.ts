import { Inject, Injectable } from '@nestjs/common';
import { parsePosition } from '../../entry/position.js';
import type { SessionGrant } from '../../options/authorize.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../../options/resolve-options.js';
import { openSegments } from '../../segments/open-segments.js';
import { readRecords, type ReadPage } from '../../segments/record-source.js';
import { SegmentReducer } from '../../segments/segment-reducer.js';
import { OWN_SERVICE, type SessionLoggerService } from '../../session-logger.service.js';
import { SessionStore, type SessionReader } from '../../store/session-store.interface.js';
import { entryFilter, type EntryFilter } from '../entry-filter.js';
import type { StreamRequest } from '../stream-request.js';
import { EntryView } from './entry-view.js';
import { lastOf, lastReplies, type Replies } from './last-replies.js';
import { logStart } from './log-start.js';
import { SegmentFrameCache } from './segment-frames.js';
import { SegmentView } from './segment-view.js';
import type { OpenedView, SessionView } from './session-view.interface.js';
import { FrameCache } from './sse-frames.js';
import { TextView } from './text-view.js';
import { UiMessageView } from './ui-message-view.js';

/** Opens sessions for clients. */
@Injectable()
export class SessionViews {
  private readonly frames = new FrameCache();
  private readonly segmentFrames = new SegmentFrameCache();

  constructor(
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(OWN_SERVICE) private readonly logs: SessionLoggerService,
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /** Undefined where nothing is left to be sent, as the session has ended. */
  open(wanted: StreamRequest, grant: SessionGrant): Promise<OpenedView | undefined> {
    const filter = entryFilter(wanted, grant);
    if (wanted.format === 'text') return this.openText(wanted, filter);
    if (wanted.format === 'ui-message') return this.openReply(wanted, filter);
    return wanted.view === 'segments' ? this.openSegments(wanted, filter) : this.openEntries(wanted, filter);
  }

  private async openEntries(
    { sessionId, from = 'start', isResume }: StreamRequest,
    filter: EntryFilter | undefined,
  ): Promise<OpenedView | undefined> {
    const reader = await this.store.open(sessionId, from);
    const resumeId = parsePosition(from) && from;
    const view = new EntryView(this.frames, this.options.http.retry, filter, resumeId);
    return this.unlessOver(sessionId, isResume, reader, view);
  }

  private async openSegments(
    { sessionId, from, isResume }: StreamRequest,
    filter: EntryFilter | undefined,
  ): Promise<OpenedView | undefined> {
    const opened = await openSegments(
      this.pagesOf(sessionId),
      () => this.reduce(filter),
      isResume ? from : undefined,
    );
    const reader = await this.store.open(sessionId, opened.position);
    const cache = filter === undefined ? this.segmentFrames : undefined;
    return this.unlessOver(
      sessionId,
      isResume,
      reader,
      new SegmentView(opened, this.options.http.retry, cache),
    );
  }

  private async openText(
    { sessionId, from = 'start', type, isResume }: StreamRequest,
    filter: EntryFilter | undefined,
  ): Promise<OpenedView | undefined> {
    const read = this.pagesOf(sessionId);
    const reader = await this.store.open(sessionId, from === 'start' ? await beginning(read) : from);
    const view = new TextView(this.reduce(filter), type === 'log');
    if (from !== 'start') await orClose(reader, readRecordsTo(read, reader.position, view));
    if (from === 'now') view.beginHere();
    return this.unlessOver(sessionId, isResume, reader, view);
  }

  /** The reply that is under way; with `from=start` the last one, whatever has become of it. */
  private async openReply(
    { sessionId, from }: StreamRequest,
    filter: EntryFilter | undefined,
  ): Promise<OpenedView | undefined> {
    let replies = await lastReplies(this.pagesOf(sessionId));
    if (replies.current === undefined && this.options.autoStart) {
      await this.logs.distribute({ finite: true, held: false });
      replies = await lastReplies(this.pagesOf(sessionId));
    }
    const begin = replies.current ?? this.awaited(sessionId, replies) ?? lastOf(from, replies);
    if (begin === undefined) return undefined;
    const reader = await this.store.open(sessionId, begin);
    return { reader, view: new UiMessageView(this.reduce(filter)) };
  }

  /** Where a reply will begin whose question redaction still holds back. */
  private awaited(sessionId: string, { next }: Replies): string | undefined {
    return this.logs.isHeld(sessionId) ? next : undefined;
  }

  private pagesOf(sessionId: string): ReadPage {
    return async (after, limit) => this.store.history(sessionId, after, limit);
  }

  private reduce(filter: EntryFilter | undefined): SegmentReducer {
    return new SegmentReducer(this.options.tokens, filter);
  }

  /** Undefined for a client that comes back when all is told. */
  private async unlessOver(
    sessionId: string,
    isResume: boolean,
    reader: SessionReader,
    view: SessionView,
  ): Promise<OpenedView | undefined> {
    const isOver = isResume && (await orClose(reader, this.isOver(reader, sessionId)));
    if (!isOver) return { reader, view };
    reader.close();
    return undefined;
  }

  /** What was logged before the request may still be on its way, and reopens the session. */
  private async isOver(reader: SessionReader, sessionId: string): Promise<boolean> {
    if (!reader.ended) return false;
    if (this.options.autoStart) await this.logs.distribute({ finite: true, held: false });
    return reader.ended && !this.logs.isHeld(sessionId);
  }
}

/** Closes a reader that nobody will be given, as what was to be done before has failed. */
async function orClose<T>(reader: SessionReader, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    reader.close();
    throw error;
  }
}

/** Where all begins that was ever logged: what has gone since is a gap. */
async function beginning(read: ReadPage): Promise<string> {
  const { records } = await read(undefined, 1);
  return records[0] === undefined ? 'start' : logStart(records[0]);
}

/** Has a view know what came up to a position; a position that is none has nothing before it. */
async function readRecordsTo(read: ReadPage, position: string, view: SessionView): Promise<void> {
  const end = parsePosition(position)?.offset ?? 0;
  await readRecords(
    read,
    (record) => {
      const { offset } = parsePosition(record.id!)!;
      if (offset <= end) view.frames([record], false);
      return offset < end;
    },
    (gap) => view.gap(gap),
  );
}
