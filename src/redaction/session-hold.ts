import type { LogEntry, SessionRecord } from '../entry/log-entry.js';
import { recordBytes } from '../entry/record-list.js';
import { renderMasked, type Look, type MaskedText } from './masked-text.js';
import { isChat } from './record-masker.js';

/** A record that waits, and since when. */
interface Held {
  readonly record: SessionRecord;
  readonly since: number;
  readonly bytes: number;
}

/** One session's records of which it is not known yet what is to be masked, and those behind them. */
export class SessionHold {
  /** Fires when they have waited for long enough. */
  timer: NodeJS.Timeout | undefined;
  private held: Held[] = [];
  private total = 0;

  /**
   * @param text what the session's chunks make together
   * @param onMasked called with the number of secrets that were masked
   */
  constructor(
    readonly sessionId: string,
    private readonly text: MaskedText,
    private readonly replace: string,
    private readonly onMasked: (secrets: number) => void,
  ) {}

  get entries(): number {
    return this.held.length;
  }

  /** By estimate. */
  get bytes(): number {
    return this.total;
  }

  /** Since when the oldest of them has waited, or undefined where none does. */
  get since(): number | undefined {
    return this.held[0]?.since;
  }

  /** Whether an entry that comes now may go on at once, with nothing masked. */
  passes(entry: LogEntry): boolean {
    return this.held.length === 0 && this.text.passes(entry.message);
  }

  /** Takes a record in, and gives out those that are decided, masked. */
  add(record: SessionRecord, now: number): SessionRecord[] {
    const bytes = recordBytes(record);
    this.held.push({ record, since: now, bytes });
    this.total += bytes;
    if (!isChat(record)) return [];
    this.text.add(record.message);
    return this.release(this.text.look());
  }

  /** Whether a secret was masked that may go on. */
  get isOpen(): boolean {
    return this.text.isOpen;
  }

  /**
   * Gives all out, masked as far as is known.
   *
   * @param isLast whether the session ends with it
   */
  force(isLast = false): SessionRecord[] {
    return this.held.length === 0 ? [] : this.release(this.text.decide(isLast));
  }

  private release({ masks, decided }: Look): SessionRecord[] {
    const released: SessionRecord[] = [];
    let offset = 0;
    for (const { record, bytes } of this.held) {
      if (isChat(record)) {
        const { message } = record;
        if (offset + message.length > decided) break;
        if (masks.length > 0) {
          Object.assign(record, { message: renderMasked(message, offset, masks, this.replace) });
        }
        offset += message.length;
      }
      this.total -= bytes;
      released.push(record);
    }
    this.held = this.held.slice(released.length);
    this.text.release(offset);
    const shown = masks.filter(({ from, isShown }) => isShown && from < offset);
    if (shown.length > 0) this.onMasked(shown.length);
    return released;
  }
}
