import { types } from 'node:util';
import type { JsonObject, JsonValue } from '../../entry/log-entry.js';
import { CopyRoom, MAX_DEPTH, MAX_TEXT } from './copy-room.js';
import { errorMembers, isError, stackOf } from './error-members.js';
import { FoundStacks } from './found-stacks.js';
import { membersOf, type Member, type Members } from './members.js';
import { tryTo, UNSHOWABLE } from './unshowable.js';

/**
 * Copies what one call of Nest's logger was given as JSON, within the bounds of {@link CopyRoom}. Frames of stacks
 * are kept apart; what JSON cannot hold becomes a text. Never throws.
 */
export class JsonCopy {
  readonly stacks = new FoundStacks();
  private readonly room = new CopyRoom();
  private readonly above: object[] = [];

  /** Undefined for what JSON leaves out. */
  of(value: unknown): JsonValue | undefined {
    return this.shown(() => value);
  }

  /** Of members that make an object, or of those that make a list. */
  ofMembers({ isList, first, size }: Members): JsonObject | JsonValue[] {
    const shown: [string, JsonValue | undefined][] = [];
    for (const { key, look } of first) {
      if (this.room.isFull) break;
      shown.push([this.text(key), this.shown(look)]);
    }
    if (shown.length < size) shown.push(['…', `${size - shown.length} more`]);
    return isList ? shown.map(([, value]) => value ?? null) : Object.fromEntries(shown);
  }

  private shown(look: Member['look']): JsonValue | undefined {
    this.room.takeValue();
    return tryTo(() => this.copied(look()), UNSHOWABLE);
  }

  private copied(value: unknown): JsonValue | undefined {
    switch (typeof value) {
      case 'object':
        return value && this.object(value);
      case 'function':
        return this.text(`[Function: ${value.name}]`);
      case 'number':
        return Number.isFinite(value) ? value : String(value);
      case 'string':
      case 'bigint':
      case 'symbol':
        return this.text(String(value));
      default:
        return value as boolean | undefined;
    }
  }

  private text(text: string): string {
    return this.room.takeText(this.stacks.cutFrom(text.slice(0, MAX_TEXT)));
  }

  private object(value: object): JsonValue | undefined {
    if (this.above.includes(value)) return '[Circular]';
    if (this.above.length === MAX_DEPTH) return Array.isArray(value) ? '[Array]' : '[Object]';
    this.above.push(value);
    try {
      return this.inside(value);
    } finally {
      this.above.pop();
    }
  }

  private inside(value: object): JsonValue | undefined {
    if (isError(value)) return this.error(value);
    if (types.isBoxedPrimitive(value) || types.isRegExp(value)) return this.text(String(value));
    if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return `[${value.byteLength} bytes]`;
    const json = tryTo(() => asJson(value), undefined);
    return json === undefined || json === value ? this.ofMembers(membersOf(value)) : this.copied(json);
  }

  /** Never by its toJSON(), which may tell the stack and the request. */
  private error(error: Error): JsonValue {
    this.stacks.add(stackOf(error));
    return this.ofMembers(errorMembers(error));
  }
}

function asJson(value: { toJSON?: () => unknown }): unknown {
  return typeof value.toJSON === 'function' ? value.toJSON() : undefined;
}
