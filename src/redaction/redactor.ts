import { LogEntry, type SessionRecord } from '../entry/log-entry.js';
import { cutMessage } from '../entry/truncate.js';
import type { CentralQueue, CentralQueueBounds } from '../queue/central-queue.js';
import type { Redaction } from '../queue/redaction.interface.js';
import { isChat, RecordMasker } from './record-masker.js';
import type { ResolvedRedactOptions } from './redact-options.js';
import { MAX_SECRET_LENGTH, secretsOf } from './redact-rules.js';
import type { Secret } from './secret.js';
import { SessionHold } from './session-hold.js';

/** What bounds messages, that which is held back, and the sessions whose last words are remembered. */
export type RedactorBounds = Pick<CentralQueueBounds, 'queueEntries' | 'queueBytes'> & {
  readonly messageBytes: number;
  readonly sessions: number;
};

/** No UTF-16 unit takes more than three bytes. */
const LOOK_AHEAD_BYTES = 3 * MAX_SECRET_LENGTH;

/** Masks secrets on the way into the central queue, and holds back chunks that may begin one. */
export class Redactor implements Redaction {
  readonly lookAheadBytes = LOOK_AHEAD_BYTES;
  private readonly secrets: readonly Secret[];
  private readonly masker: RecordMasker;
  /** The one that was logged to longest ago first. */
  private readonly sessions = new Map<string, SessionHold>();
  /** Those that hold something, the one that has done so longest first. */
  private readonly holding = new Set<SessionHold>();
  private held = 0;
  private bytes = 0;
  private masked = 0;
  private readonly onFailure: (error: unknown) => void;

  /** @param onFailure told of a pattern that cannot be tried */
  constructor(
    private readonly options: ResolvedRedactOptions,
    private readonly queue: CentralQueue,
    private readonly bounds: RedactorBounds,
    onFailure: (error: unknown) => void,
  ) {
    // Later: whoever is told may log, and what is at hand is half done.
    this.onFailure = (error) => queueMicrotask(() => onFailure(error));
    const { paths, patterns, replace } = options;
    this.secrets = secretsOf(patterns);
    this.masker = new RecordMasker(
      paths,
      this.secrets,
      replace,
      bounds.messageBytes,
      this.onMasked,
      this.onFailure,
    );
  }

  get counts(): { held: number; masked: number } {
    return { held: this.held, masked: this.masked };
  }

  push(record: SessionRecord): Promise<void> | undefined {
    this.queue.check(record);
    return this.pass(this.take(record));
  }

  pushAll(records: readonly SessionRecord[]): Promise<void> | undefined {
    this.queue.checkAll(records);
    return this.pass(records.flatMap((record) => this.take(record)));
  }

  mask(record: SessionRecord): void {
    this.masker.mask(record);
  }

  maskLate(record: SessionRecord): SessionRecord[] {
    const released = this.take(record);
    const hold = this.sessions.get(record.sessionId);
    const all = hold === undefined ? released : [...released, ...this.force(hold)];
    return all.map((one) => this.cut(one));
  }

  isHolding(sessionId: string): boolean {
    return this.sessions.get(sessionId)?.since !== undefined;
  }

  release(sessionId?: string): void {
    const held = sessionId === undefined ? this.holding : [this.sessions.get(sessionId)];
    for (const hold of held) if (hold !== undefined) void this.pass(this.force(hold));
  }

  forget(sessionId: string): void {
    void this.pass(this.drop(sessionId));
  }

  /** Takes a record in, and gives those that may go on by now, in order. */
  private take(record: SessionRecord): SessionRecord[] {
    const { sessionId } = record;
    if (!(record instanceof LogEntry)) return [...this.end(sessionId), record];
    if (!isChat(record) && !this.isHolding(sessionId)) return [record];
    const hold = this.holdOf(sessionId);
    const isClear = isChat(record) && hold.passes(record);
    const released = isClear ? [record] : this.change(hold, () => hold.add(record, performance.now()));
    return this.isWithinBounds ? released : [...released, ...this.keepBounds()];
  }

  private get isWithinBounds(): boolean {
    const { queueEntries, queueBytes, sessions } = this.bounds;
    return this.held <= queueEntries && this.bytes <= queueBytes && this.sessions.size <= sessions;
  }

  private keepBounds(): SessionRecord[] {
    const released: SessionRecord[] = [];
    while (!this.isWithinBounds) {
      const [longest] = this.holding;
      const isFull = this.sessions.size > this.bounds.sessions;
      released.push(...(isFull || longest === undefined ? this.drop(this.oldest()) : this.force(longest)));
    }
    return released;
  }

  /** One that holds nothing, if there is any. */
  private oldest(): string {
    const [oldest = ''] = this.sessions.keys();
    for (const [sessionId, { since }] of this.sessions) if (since === undefined) return sessionId;
    return oldest;
  }

  /** One chunk more of a reply may come, as it was stopped in the middle of a secret: what was masked goes on then. */
  private end(sessionId: string): SessionRecord[] {
    const hold = this.sessions.get(sessionId);
    const released = hold === undefined ? [] : this.change(hold, () => hold.force(true));
    if (hold?.isOpen !== true) return [...released, ...this.drop(sessionId)];
    hold.forgetOthers();
    return released;
  }

  private holdOf(sessionId: string): SessionHold {
    const known = this.sessions.get(sessionId);
    const hold = known ?? this.begin(sessionId);
    if (known !== undefined) this.sessions.delete(sessionId);
    this.sessions.set(sessionId, hold);
    return hold;
  }

  private begin(sessionId: string): SessionHold {
    return new SessionHold(sessionId, this.secrets, this.options.replace, this.onMasked, this.onFailure);
  }

  private drop(sessionId: string): SessionRecord[] {
    const hold = this.sessions.get(sessionId);
    if (hold === undefined) return [];
    this.sessions.delete(sessionId);
    const released = this.force(hold);
    clearTimeout(hold.timer);
    return released;
  }

  private force(hold: SessionHold): SessionRecord[] {
    return this.change(hold, () => hold.force());
  }

  private change(hold: SessionHold, step: () => SessionRecord[]): SessionRecord[] {
    const { entries, bytes } = hold;
    const released = step();
    this.held += hold.entries - entries;
    this.bytes += hold.bytes - bytes;
    if (hold.since === undefined) {
      this.holding.delete(hold);
    } else {
      this.holding.add(hold);
      if (hold.timer === undefined) this.wakeIn(this.options.holdMs, hold);
    }
    return released;
  }

  private wakeIn(ms: number, hold: SessionHold): void {
    hold.timer = setTimeout(this.wake, ms, hold).unref();
  }

  private readonly wake = (hold: SessionHold): void => {
    hold.timer = undefined;
    if (hold.since === undefined) return;
    const left = hold.since + this.options.holdMs - performance.now();
    if (left > 0) this.wakeIn(Math.ceil(left), hold);
    else void this.pass(this.force(hold));
  };

  private pass(records: readonly SessionRecord[]): Promise<void> | undefined {
    let last: Promise<void> | undefined;
    for (const record of records) last = this.queue.pushAccepted(this.cut(record));
    return last;
  }

  /** Once it is masked, so that a secret is not cut in two. What is whole was cut when it was masked. */
  private cut(record: SessionRecord): SessionRecord {
    if (isChat(record)) cutMessage(record, this.bounds.messageBytes);
    return record;
  }

  private readonly onMasked = (secrets: number): void => {
    this.masked += secrets;
  };
}
