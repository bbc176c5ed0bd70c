import { filter, firstValueFrom } from 'rxjs';
import { SessionEnd } from '../entry/session-end.js';
import { describeEnd, type SessionLoggerService } from '../session-logger.service.js';
import type { ReadFrom, SessionHistory } from '../store/session-store.interface.js';
import { Collector, type CollectedSession, type CollectUntil } from './collected-session.js';
import { DEFAULT_TIMEOUT, notReceived, Patience } from './patience.js';

/** What {@link collectSession} waits for, and for how long. */
export interface CollectOptions {
  /**
   * `end`: the session's end; `now`: what was logged before the call, and nothing more; a number: so many entries; a
   * function: the first entry for which it says true. Default `end`.
   */
  readonly until?: CollectUntil | 'now' | undefined;
  /** Where it begins, as for `getSessionLogs`. Default: the oldest retained entry. */
  readonly from?: ReadFrom | undefined;
  /** Milliseconds of real time, whatever a fake clock says, or Infinity. Default 4,000. */
  readonly timeout?: number | undefined;
}

/**
 * Reads a session until it ends, or as far as is wanted, and takes nothing out of it:
 *
 * ```ts
 * await chat.reply('chat-1');
 * const { text, end } = await collectSession(logs, 'chat-1');
 * ```
 *
 * @throws SessionLoggerError (as a rejection) `NOT_RECEIVED` where what is wanted does not come, with what came in
 *   `details`; `INVALID_SESSION_ID`, `INVALID_POSITION` or `INVALID_READ_OPTION`
 */
export async function collectSession(
  logs: SessionLoggerService,
  sessionId: string,
  { until = 'end', from, timeout = DEFAULT_TIMEOUT }: CollectOptions = {},
): Promise<CollectedSession> {
  if (until === 'now') return collectPast(logs, sessionId, from);
  const collector = new Collector(until);
  const patience = new Patience(timeout);
  try {
    const events = logs.observeSession(sessionId, { from, signal: patience.signal });
    const wanted = events.pipe(filter(({ type, data }) => collector.take(type, data)));
    const found = await firstValueFrom(wanted, { defaultValue: undefined });
    if (found === undefined)
      throw missing(logs, sessionId, collector, patience.signal.aborted ? timeout : undefined);
    return collector.collected();
  } finally {
    patience.end();
  }
}

/** What is there, page by page. */
async function collectPast(
  logs: SessionLoggerService,
  sessionId: string,
  from: ReadFrom | undefined,
): Promise<CollectedSession> {
  await logs.distribute({ finite: true });
  const collector = new Collector('end');
  let after = from === 'start' ? undefined : from;
  for (let more = from !== 'now'; more;) {
    const page: SessionHistory = await logs.getSessionHistory(sessionId, { after, limit: 1_000 });
    if (page.gap !== undefined) collector.take('gap', page.gap);
    for (const record of page.records) {
      if (record instanceof SessionEnd) collector.take('end', describeEnd(record));
      else collector.take(undefined, record);
    }
    ({ more, position: after } = page);
  }
  return collector.collected();
}

function missing(
  logs: SessionLoggerService,
  sessionId: string,
  collector: Collector,
  timeout: number | undefined,
): Error {
  const { wanted, received, end } = collector;
  const what = `collectSession: session ${sessionId} gave ${received}; expected ${wanted}`;
  const isClosed = timeout === undefined && end === undefined;
  const when = timeout === undefined ? '' : ` within ${timeout} ms`;
  const why = isClosed ? '. The application was closed' : when;
  return notReceived(`${what}${why}. ${remedy(logs, collector)}`, {
    sessionId,
    collected: collector.collected(),
  });
}

/** What is most likely wrong. */
function remedy(logs: SessionLoggerService, { entries, end }: Collector): string {
  const { accepted, distributed } = logs.stats();
  if (accepted > 0 && distributed === 0)
    return 'Nothing is distributed yet: call init() of the module or application.';
  if (end !== undefined) return 'Log what is missing, or collect less.';
  if (entries.length > 0) return "Log what is missing, end the session, or collect `until: 'now'`.";
  const known = logs.allSessionsInQueues.slice(0, 5).join(', ');
  return `Log to that session; those that there are: ${known || 'none'}.`;
}
