import { LogEntry, type JsonObject, type JsonValue, type SessionRecord } from '../entry/log-entry.js';
import { maskerOfPaths } from './masked-paths.js';
import { MaskedText, renderMasked } from './masked-text.js';
import type { Secret } from './secret.js';

/** Masks the texts of a record that are whole: all but the message of a chat entry, which goes on in the next one. */
export class RecordMasker {
  private readonly atPaths: (data: JsonObject) => JsonObject;

  /**
   * @param paths what is masked of data, whatever it is
   * @param onMasked called with the number of secrets found
   * @param onFailure told of a pattern that cannot be tried; what it was tried on is masked as a whole
   */
  constructor(
    paths: readonly string[],
    private readonly secrets: readonly Secret[],
    private readonly replace: string,
    private readonly onMasked: (secrets: number) => void,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.atPaths = paths.length === 0 ? (data) => data : maskerOfPaths(paths, replace);
  }

  /** Changes the record, which nobody else has seen yet. */
  mask(record: SessionRecord): void {
    if (record instanceof LogEntry) this.maskEntry(record);
    else if (record.error !== undefined) Object.assign(record, { error: this.text(record.error) });
  }

  private maskEntry(entry: LogEntry): void {
    const { message, context, data, stack } = entry;
    if (!isChat(entry)) Object.assign(entry, { message: this.text(message) });
    if (context !== undefined) Object.assign(entry, { context: this.text(context) });
    if (data !== undefined) Object.assign(entry, { data: this.object(this.atPaths(data)) });
    // Assigned, so that a stack which readers are not to see stays hidden.
    if (stack !== undefined) Object.assign(entry, { stack: this.text(stack) });
  }

  private text(text: string): string {
    const masked = new MaskedText(this.secrets, this.onFailure);
    masked.add(text);
    const { masks } = masked.decide();
    if (masks.length === 0) return text;
    this.onMasked(masks.length);
    return renderMasked(text, 0, masks, this.replace);
  }

  private object(value: JsonObject): JsonObject {
    if (this.secrets.length === 0) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [
        this.text(key),
        member === undefined ? member : this.value(member),
      ]),
    );
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
    const masked = this.text(text);
    return masked === text ? value : masked;
  }
}

/** Whether an entry is a piece of the text that a session's chunks make together. */
export function isChat(record: SessionRecord): record is LogEntry {
  return record instanceof LogEntry && record.logType === 'chat';
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
