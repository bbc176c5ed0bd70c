import { LogEntry, type JsonObject, type JsonValue, type SessionRecord } from '../entry/log-entry.js';
import { maskerOfPaths } from './masked-paths.js';
import { cutMessage, truncate } from '../entry/truncate.js';
import { MaskedText, renderMasked, type Mask } from './masked-text.js';
import type { Secret } from './secret.js';

/** Masks the texts of a record that are whole: all but the message of a chat entry, which goes on in the next one. */
export class RecordMasker {
  private readonly maskPaths: (data: JsonObject) => void;

  /**
   * @param paths what is masked of data, whatever it is
   * @param maxBytes UTF-8 bytes of a message or a stack, beyond which it is cut once it is masked
   * @param onMasked called with the number of secrets found
   * @param onFailure told of a pattern that cannot be tried; what it was tried on is masked as a whole
   */
  constructor(
    paths: readonly string[],
    private readonly secrets: readonly Secret[],
    private readonly replace: string,
    private readonly maxBytes: number,
    private readonly onMasked: (secrets: number) => void,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.maskPaths = maskerOfPaths(paths, replace);
  }

  /** Changes the record, which nobody else has seen yet. */
  mask(record: SessionRecord): void {
    if (record instanceof LogEntry) this.maskEntry(record);
    else if (record.error !== undefined) Object.assign(record, { error: this.text(record.error) });
  }

  private maskEntry(entry: LogEntry): void {
    const { message, context, data, stack } = entry;
    if (!isChat(entry)) {
      Object.assign(entry, { message: this.text(message) });
      cutMessage(entry, this.maxBytes);
    }
    if (context !== undefined) Object.assign(entry, { context: this.text(context) });
    if (data !== undefined) Object.assign(entry, { data: this.data(data) });
    // Assigned, so that a stack which readers are not to see stays hidden.
    if (stack !== undefined) Object.assign(entry, { stack: this.stack(stack) });
  }

  private stack(stack: string): string {
    const masked = this.text(stack);
    return truncate(masked, this.maxBytes)?.text ?? masked;
  }

  /** Nothing follows, so that what could only become a secret is none. */
  private text(text: string): string {
    const masks = this.masksOf(text);
    if (masks.length === 0) return text;
    this.onMasked(masks.length);
    return renderMasked(text, 0, masks, this.replace);
  }

  private masksOf(text: string): readonly Mask[] {
    const whole = new MaskedText(this.secrets, this.onFailure);
    whole.add(text);
    return whole.find().masks;
  }

  private data(data: JsonObject): JsonObject {
    this.maskPaths(data);
    return this.secrets.length === 0 ? data : this.object(data);
  }

  /** Of keys that are masked alike none is lost. */
  private object(value: JsonObject): JsonObject {
    const shown = new Map<string, JsonValue | undefined>();
    for (const [key, member] of Object.entries(value)) {
      const name = this.text(key);
      const isTaken = shown.has(name) && name !== key;
      shown.set(
        isTaken ? `${name} ${shown.size + 1}` : name,
        member === undefined ? member : this.value(member),
      );
    }
    return Object.fromEntries(shown);
  }

  private value(value: JsonValue): JsonValue {
    if (typeof value === 'string') return this.text(value);
    if (typeof value === 'number') return this.number(value);
    if (typeof value !== 'object' || value === null) return value;
    return isArray(value) ? value.map((member) => this.value(member)) : this.object(value);
  }

  /** A number stays one unless it is a secret, such as that of a card. */
  private number(value: number): JsonValue {
    const text = String(value);
    const isSecret = this.masksOf(text).some(({ from, to }) => from === 0 && to === text.length);
    return isSecret ? this.text(text) : value;
  }
}

/** Whether an entry is a piece of the text that a session's chunks make together. */
export function isChat(record: SessionRecord): record is LogEntry {
  return record instanceof LogEntry && record.logType === 'chat';
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
