import type { Gap } from '../entry/gap.js';
import type { SessionRecord } from '../entry/log-entry.js';
import { parsePosition } from '../entry/position.js';
import type { SessionReader } from '../store/session-store.interface.js';

/** Moves the mark in Redis from before the first record to behind the last; tells whether they are the caller's. */
export type Claim = (epoch: string, before: number, last: number) => Promise<boolean>;

/** Records claimed at once: what a process that dies takes with it at the most. */
const MAX_CLAIM = 64;

/** A reader for `pop`: gives no record before it is claimed, so that nobody else is given it. */
export class ClaimingReader implements SessionReader {
  gap: Gap | undefined;
  private isClaiming = false;
  private claimed: readonly SessionRecord[] | undefined;
  /** What was read and is not claimed yet. */
  private rest: readonly SessionRecord[] = [];
  private restGap: Gap | undefined;
  private listener: (() => void) | undefined;

  constructor(
    private readonly inner: SessionReader,
    private readonly claim: Claim,
  ) {}

  get position(): string {
    return this.inner.position;
  }

  get ended(): boolean {
    return !this.hasMore && this.inner.ended;
  }

  get closed(): boolean {
    return !this.hasMore && this.inner.closed;
  }

  read(): readonly SessionRecord[] | undefined {
    const { claimed } = this;
    this.claimed = undefined;
    if (claimed !== undefined || this.isClaiming) return claimed;
    if (this.rest.length === 0) this.readOn();
    this.gap = this.restGap;
    this.restGap = undefined;
    if (this.rest.length > 0) void this.claimSome();
    return this.gap && [];
  }

  wait(listener: () => void): void {
    this.listener = listener;
    if (!this.isClaiming) this.inner.wait(this.wake);
  }

  close(): void {
    this.inner.close();
    this.wake();
  }

  private get hasMore(): boolean {
    return this.isClaiming || this.claimed !== undefined || this.rest.length > 0;
  }

  private readOn(): void {
    this.rest = this.inner.read() ?? [];
    this.restGap = this.inner.gap;
  }

  private async claimSome(): Promise<void> {
    const records = this.rest.slice(0, MAX_CLAIM);
    this.rest = this.rest.slice(MAX_CLAIM);
    this.isClaiming = true;
    const { epoch, offset } = parsePosition(records[0]!.id!)!;
    const isOurs = await this.claim(epoch, offset - 1, offset + records.length - 1).catch(() => false);
    this.isClaiming = false;
    if (isOurs) this.claimed = records;
    else this.giveUp();
    this.wake();
  }

  /** Another process has taken over. */
  private giveUp(): void {
    this.rest = [];
    this.inner.close();
  }

  private readonly wake = (): void => {
    const { listener } = this;
    this.listener = undefined;
    listener?.();
  };
}
