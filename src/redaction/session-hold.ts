import type { LogEntry, SessionRecord } from '../entry/log-entry.js';
import { recordBytes } from '../entry/record-list.js';
import { MaskedText, renderMasked, type Look } from './masked-text.js';
import { isChat } from './record-masker.js';
import type { Secret } from './secret.js';
import { USER, voiceOf } from './voice.js';

/** Voices that are remembered of a session besides those of which something is held. */
const MOST_VOICES = 32;

const NOTHING: Look = { masks: [], decided: 0 };

/** What one says, or what one call of a tool is given: its pieces make one text, whatever comes between them. */
interface Voice {
  readonly text: MaskedText;
  /** What is known of the text by now. */
  look: Look;
  /** Chunks that are held. */
  held: number;
  /** Units that are given out, and that the text does not know of yet. */
  given: number;
}

/** A record that waits, and since when. */
interface Held {
  readonly record: SessionRecord;
  /** Of a chunk. */
  readonly voice: Voice | undefined;
  readonly since: number;
  readonly bytes: number;
}

/** One session's records of which it is not known yet what is to be masked, and those behind them. */
export class SessionHold {
  /** Fires when they have waited for long enough. */
  timer: NodeJS.Timeout | undefined;
  private held: Held[] = [];
  private total = 0;
  private readonly voices = new Map<string, Voice>();
  /** Who spoke last. */
  private speaker = '';

  /**
   * @param onMasked called with the number of secrets that were masked
   * @param onFailure told of a secret that cannot be looked for
   */
  constructor(
    readonly sessionId: string,
    private readonly secrets: readonly Secret[],
    private readonly replace: string,
    private readonly onMasked: (secrets: number) => void,
    private readonly onFailure: (error: unknown) => void,
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
    return this.held.length === 0 && this.voiceOf(entry).text.passes(entry.message);
  }

  /** Takes a record in, and gives out those that are decided, masked. */
  add(record: SessionRecord, now: number): SessionRecord[] {
    const voice = isChat(record) ? this.voiceOf(record) : undefined;
    const bytes = recordBytes(record);
    this.held.push({ record, voice, since: now, bytes });
    this.total += bytes;
    if (voice === undefined || !isChat(record)) return [];
    voice.held++;
    voice.text.add(record.message);
    voice.look = voice.text.look();
    return this.release();
  }

  /** Whether a secret was masked with what came last that may go on. */
  get isOpen(): boolean {
    return this.voices.get(this.speaker)?.text.isOpen === true;
  }

  /** The session has ended: but for who spoke last, what one says from now on is another text. */
  forgetOthers(): void {
    for (const key of this.voices.keys()) if (key !== this.speaker) this.voices.delete(key);
  }

  /**
   * Gives all out, masked as far as is known.
   *
   * @param isLast whether the session ends with it
   */
  force(isLast = false): SessionRecord[] {
    for (const voice of this.voices.values()) if (voice.held > 0) voice.look = voice.text.decide(isLast);
    return this.held.length === 0 ? [] : this.release();
  }

  private voiceOf(entry: LogEntry): Voice {
    const key = voiceOf(entry);
    if (key !== this.speaker) this.turnTo(key);
    return this.voices.get(key) ?? this.begin(key);
  }

  /** Once somebody else speaks, what the user said is complete. */
  private turnTo(key: string): void {
    const said = this.speaker === USER ? this.voices.get(USER) : undefined;
    if (said !== undefined) {
      if (said.held > 0) said.look = said.text.decide(true);
      this.voices.delete(USER);
    }
    this.speaker = key;
    const known = this.voices.get(key);
    if (known === undefined) return;
    // Behind those that have not spoken for longer.
    this.voices.delete(key);
    this.voices.set(key, known);
  }

  private begin(key: string): Voice {
    if (this.voices.size >= MOST_VOICES) this.forgetOldest();
    const text = new MaskedText(this.secrets, this.onFailure);
    const voice: Voice = { text, look: NOTHING, held: 0, given: 0 };
    this.voices.set(key, voice);
    return voice;
  }

  /** Rather one of which no secret may go on. */
  private forgetOldest(): void {
    const idle = [...this.voices].filter(([, { held }]) => held === 0);
    const [key] = idle.find(([, { text }]) => !text.isOpen) ?? idle[0] ?? [];
    if (key !== undefined) this.voices.delete(key);
  }

  /** In order: what is decided waits for what is not. */
  private release(): SessionRecord[] {
    const changed = new Set<Voice>();
    const released: SessionRecord[] = [];
    for (const { record, voice, bytes } of this.held) {
      if (voice !== undefined && isChat(record)) {
        if (voice.given + record.message.length > voice.look.decided) break;
        this.mask(record, voice);
        changed.add(voice);
      }
      this.total -= bytes;
      released.push(record);
    }
    this.held = this.held.slice(released.length);
    for (const voice of changed) this.settle(voice);
    return released;
  }

  private mask(entry: LogEntry, voice: Voice): void {
    const { message } = entry;
    const { masks } = voice.look;
    if (masks.length > 0)
      Object.assign(entry, { message: renderMasked(message, voice.given, masks, this.replace) });
    voice.given += message.length;
    voice.held--;
  }

  /** Has the text know what was given out of it. */
  private settle(voice: Voice): void {
    const { look, given, text } = voice;
    const shown = look.masks.filter(({ from, isShown }) => isShown && from < given);
    if (shown.length > 0) this.onMasked(shown.length);
    text.release(given);
    voice.given = 0;
    voice.look = voice.held > 0 ? text.look() : NOTHING;
  }
}
