import { SessionLoggerError } from '../session-logger.errors.js';
import { newEpoch, type AppendLimits } from './appender.js';
import { brokenSession } from './broken-session.js';
import { decodeRecord } from './record-codec.js';
import { isPassing, type RedisLink, type ScriptCall } from './redis-link.js';
import { LOOK, READ, SUMMARY } from './scripts.js';
import type { SessionKeys } from './session-keys.js';
import { NO_EPOCH, SessionWatch, type RecordRun, type SessionState } from './session-watch.js';

/** What the READ script answers. */
type ReadAnswer = [
  state: [epoch: string, last: number, first: number, ended: string, popped: number],
  records: (number | string)[],
];

/** Where a session stands, and a run of its records. */
export interface ReadResult {
  readonly state: SessionState;
  readonly run: RecordRun;
}

/** Where a session stands, and when its oldest and its newest record were logged. */
export interface SummaryResult {
  readonly state: SessionState;
  readonly firstAt: string;
  readonly lastAt: string;
}

/** Sessions looked at in one round trip. */
const LOOKS_AT_ONCE = 500;

/** The sessions that are read in this process, each with one subscription however many read it. */
export class Watches {
  private readonly watches = new Map<string, SessionWatch>();
  /** Watches that are being looked at, with whether that has to be done once more. */
  private readonly looking = new Map<SessionWatch, boolean>();
  /** Pages on their way, by session and offset. */
  private readonly fetching = new Map<string, Promise<RecordRun | undefined>>();
  private bytes = 0;
  private isCheckDue = false;
  private checking: Promise<void> | undefined;

  constructor(
    private readonly link: RedisLink,
    private readonly keys: SessionKeys,
    private readonly limits: AppendLimits & { totalBytes: number },
  ) {}

  get(sessionId: string): SessionWatch | undefined {
    return this.watches.get(sessionId);
  }

  all(): SessionWatch[] {
    return [...this.watches.values()];
  }

  /**
   * The watch of a session, of which messages come in until it is let go.
   *
   * @throws SessionLoggerError `CLOSED`
   */
  async hold(sessionId: string): Promise<SessionWatch> {
    const watch = this.watches.get(sessionId) ?? new SessionWatch(sessionId, this.countBytes);
    this.watches.set(sessionId, watch);
    watch.holders++;
    try {
      watch.subscribed ??= this.link.subscribe(this.keys.channel(sessionId));
      await watch.subscribed;
    } catch (error) {
      this.letGo(watch);
      throw error;
    }
    return watch;
  }

  letGo(watch: SessionWatch): void {
    watch.holders--;
    if (watch.holders > 0) return;
    watch.dropTail();
    this.watches.delete(watch.sessionId);
    this.link.unsubscribe(this.keys.channel(watch.sessionId));
  }

  /**
   * Asks Redis where a session stands.
   *
   * @throws SessionLoggerError `BROKEN_SESSION`, `CLOSED`
   */
  async look(watch: SessionWatch): Promise<SessionState> {
    for (;;) {
      const { epoch } = watch;
      const { state } = await this.read(watch.sessionId, 0, 0, 0, 'following').catch((error: unknown) => {
        if (!this.link.closed) watch.fail(error as Error);
        throw error;
      });
      if (this.learn(watch, epoch, state)) return state;
    }
  }

  /** Reads records behind an offset for a watch; undefined where that will never be possible again. */
  fetch(watch: SessionWatch, after: number, max: number, maxBytes: number): Promise<RecordRun | undefined> {
    const name = `${after} ${watch.sessionId}`;
    const page = this.fetching.get(name) ?? this.fetchPage(watch, after, max, maxBytes);
    this.fetching.set(name, page);
    return page.finally(() => this.fetching.delete(name));
  }

  /**
   * Where a session stands, and records behind an offset up to the first that is missing among them.
   *
   * @param how whether it waits for a Redis that is away, and the session lives as much longer as if it had been
   *   logged to; or neither
   * @throws SessionLoggerError `BROKEN_SESSION`, `CLOSED`; `STORE_UNAVAILABLE` where it does not wait
   */
  async read(
    sessionId: string,
    after: number,
    max: number,
    maxBytes: number,
    how: 'following' | 'passing',
  ): Promise<ReadResult> {
    const call = this.readCall(sessionId, after, max, maxBytes, how);
    const answering = how === 'following' ? this.link.run(call) : this.link.runOnce(call);
    const answer = (await answering.catch((error: unknown) => {
      throw error instanceof SessionLoggerError ? error : brokenSession(sessionId, error);
    })) as ReadAnswer;
    try {
      return readResult(sessionId, answer);
    } catch (error) {
      throw brokenSession(sessionId, error);
    }
  }

  /**
   * What a list tells of a session.
   *
   * @throws SessionLoggerError `BROKEN_SESSION`, `STORE_UNAVAILABLE`
   */
  async summary(sessionId: string): Promise<SummaryResult> {
    const keys = [this.keys.meta(sessionId), this.keys.log(sessionId)];
    try {
      const answer = await this.link.runOnce({ script: SUMMARY, keys, args: [newEpoch()] });
      const [view, firstAt, lastAt] = answer as [ReadAnswer[0], string, string];
      return { state: stateOf(view), firstAt, lastAt };
    } catch (error) {
      throw error instanceof SessionLoggerError ? error : brokenSession(sessionId, error);
    }
  }

  /** A log was deleted: tells those who read it. */
  deleted(sessionId: string, epoch: string): void {
    this.watches.get(sessionId)?.delete(epoch);
  }

  private readCall(
    sessionId: string,
    after: number,
    max: number,
    maxBytes: number,
    how: 'following' | 'passing',
  ): ScriptCall {
    const { sessionIdle, sessionEnded } = this.limits;
    return {
      script: READ,
      keys: [this.keys.meta(sessionId), this.keys.log(sessionId)],
      args: [newEpoch(), after, max, maxBytes, how === 'following' ? sessionIdle : 0, sessionEnded],
    };
  }

  /** Records that were published. */
  published(sessionId: string, text: string): void {
    const watch = this.watches.get(sessionId);
    if (watch === undefined || !watch.isKnown) return watch && this.lookSoon(watch);
    const dash = text.indexOf('-');
    const epoch = text.slice(1, dash);
    const from = Number.parseInt(text.slice(dash + 1), 10);
    if (watch.has(epoch, from)) return;
    try {
      const lines = text.split('\n').slice(1);
      this.add(watch, {
        epoch,
        from,
        records: lines.map((line, at) => decodeRecord(line, sessionId, epoch, from + at)),
      });
    } catch (error) {
      watch.fail(brokenSession(sessionId, error));
    }
  }

  /** Records that this process has appended: readers here need not wait for the message. */
  appended(sessionId: string, run: RecordRun): void {
    const watch = this.watches.get(sessionId);
    if (watch?.isKnown === true && watch.follows(run)) this.add(watch, run);
  }

  /**
   * Looks at all sessions again: messages may have been lost, or the server may have lost records. A call while one
   * is under way has that begin once more.
   */
  check(): Promise<void> {
    this.isCheckDue = true;
    this.checking ??= this.checkAll().finally(() => (this.checking = undefined));
    return this.checking;
  }

  private async checkAll(): Promise<void> {
    while (this.isCheckDue && !this.link.closed) {
      this.isCheckDue = false;
      const watches = this.all();
      for (let at = 0; at < watches.length; at += LOOKS_AT_ONCE) {
        const some = watches.slice(at, at + LOOKS_AT_ONCE).filter((watch) => watch.holders > 0);
        await this.lookAt(some).catch(() => {});
      }
    }
  }

  /**
   * Takes over what Redis answered.
   *
   * @param asked the epoch when it was asked
   * @returns false where a message has told of another log meanwhile: which of the two is the newer?
   */
  private learn(watch: SessionWatch, asked: string, state: SessionState): boolean {
    if (watch.epoch !== asked && watch.epoch !== state.epoch) return false;
    watch.learn(state);
    return true;
  }

  /** Looks at many in one go; what fails for now is looked at again when the connection is back, or the next time. */
  private async lookAt(watches: readonly SessionWatch[]): Promise<void> {
    const groups = inGroups(watches, this.link.sessionsPerCall).map((group) => ({
      group,
      asked: group.map(({ epoch }) => epoch),
    }));
    const results = await this.link.tryAll(groups.map(({ group }) => this.lookCall(group)));
    groups.forEach(({ group, asked }, at) => this.takeViews(group, asked, results[at]!));
  }

  private takeViews(
    group: readonly SessionWatch[],
    asked: readonly string[],
    result: PromiseSettledResult<unknown>,
  ): void {
    const views = result.status === 'fulfilled' ? (result.value as ReadAnswer[0][]) : undefined;
    if (result.status === 'rejected' && isPassing(result.reason)) return;
    group.forEach((watch, at) => {
      const isKnown = views !== undefined && this.learn(watch, asked[at]!, stateOf(views[at]!));
      // Where one of the group cannot be read, a look at each tells which.
      if (!isKnown) this.lookSoon(watch);
    });
  }

  private lookCall(watches: readonly SessionWatch[]): ScriptCall {
    const { sessionIdle, sessionEnded } = this.limits;
    const keys = watches.flatMap(({ sessionId }) => [this.keys.meta(sessionId), this.keys.log(sessionId)]);
    return { script: LOOK, keys, args: [newEpoch(), sessionIdle, sessionEnded] };
  }

  private add(watch: SessionWatch, run: RecordRun): void {
    if (!watch.add(run)) this.lookSoon(watch);
    if (this.bytes > this.limits.totalBytes) watch.dropTail();
  }

  private readonly countBytes = (bytes: number): void => {
    this.bytes += bytes;
  };

  private lookSoon(watch: SessionWatch): void {
    if (this.looking.has(watch)) this.looking.set(watch, true);
    else void this.lookUntilKnown(watch);
  }

  /** Looks once more where a message has come in meanwhile. Never rejects: what fails is told to the watch. */
  private async lookUntilKnown(watch: SessionWatch): Promise<void> {
    do {
      this.looking.set(watch, false);
      await this.look(watch).catch(() => {});
    } while (this.looking.get(watch) === true && watch.holders > 0 && !this.link.closed);
    this.looking.delete(watch);
  }

  private async fetchPage(
    watch: SessionWatch,
    after: number,
    max: number,
    maxBytes: number,
  ): Promise<RecordRun | undefined> {
    try {
      const { epoch } = watch;
      const { state, run } = await this.read(watch.sessionId, after, max, maxBytes, 'following');
      if (!this.learn(watch, epoch, state)) this.lookSoon(watch);
      return run;
    } catch (error) {
      if (!this.link.closed) watch.fail(error as Error);
      return undefined;
    }
  }
}

function inGroups<T>(items: readonly T[], size: number): T[][] {
  const groups: T[][] = [];
  for (let at = 0; at < items.length; at += size) groups.push(items.slice(at, at + size));
  return groups;
}

function stateOf([epoch, last, first, ended, popped]: ReadAnswer[0]): SessionState {
  return { epoch: epoch || NO_EPOCH, last, first, ended, popped };
}

function readResult(sessionId: string, [answer, found]: ReadAnswer): ReadResult {
  const state = stateOf(answer);
  const { epoch, last } = state;
  const from = found.length === 0 ? last + 1 : (found[0] as number);
  const records = [];
  for (let at = 0; at < found.length && found[at] === from + at / 2; at += 2) {
    records.push(decodeRecord(found[at + 1] as string, sessionId, epoch, from + at / 2));
  }
  return { state, run: { epoch, from, records } };
}
