import { jsonOrText } from '../../entry/json-or-text.js';
import type { JsonObject, JsonValue } from '../../entry/log-entry.js';
import type { SegmentChangeEvent } from '../../segments/segment-feed.js';
import type { SessionSegment } from '../../segments/session-segment.js';
import { isOfModel } from './answer-text.js';

/** A part of a stream of the AI SDK: https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol */
export interface UiMessageChunk {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What is open: a text, or the call of a tool with its arguments so far. */
interface OpenPart {
  readonly kind: 'text' | 'reasoning' | 'tool';
  /** Of a text, or of the call of a tool. */
  readonly id: string;
  readonly toolName: string;
  /** Whether the name of the tool is not known when its user is written. */
  readonly dynamic: boolean;
  arguments: string;
}

/** The name of a tool where nobody has told one. */
const UNNAMED_TOOL = 'tool';

/** Makes the changes of one reply the parts of a message of the AI SDK, from the first one on. */
export class UiMessageChunks {
  private readonly parts = new Map<string, OpenPart>();
  private hasBegun = false;
  /** Whether what follows is another turn of the model: a tool has returned. */
  private isAfterResult = false;

  /** What a change makes. */
  of(change: SegmentChangeEvent): UiMessageChunk[] {
    if (change.type === 'start') return this.start(change.segment);
    if (change.type === 'delta') return this.delta(change.key, change.text);
    if (change.type === 'end') return this.end(change.key, change.input);
    if (change.type === 'result') return this.result(change);
    return this.finish(change);
  }

  private start(segment: SessionSegment): UiMessageChunk[] {
    if (!isOfModel(segment)) return [];
    const { key, kind } = segment;
    const opening = this.begin(key);
    if (kind === 'log') return [...opening, lineOf(segment)];
    if (this.isAfterResult) opening.push({ type: 'finish-step' }, { type: 'start-step' });
    this.isAfterResult = false;
    const part = partOf(segment);
    this.parts.set(key, part);
    if (kind === 'tool') return [...opening, { type: 'tool-input-start', ...callOf(part) }];
    return [...opening, { type: `${kind}-start`, id: key }];
  }

  private begin(messageId: string): UiMessageChunk[] {
    if (this.hasBegun) return [];
    this.hasBegun = true;
    return [{ type: 'start', messageId }, { type: 'start-step' }];
  }

  private delta(key: string, text: string): UiMessageChunk[] {
    const part = this.parts.get(key);
    if (part === undefined) return [];
    if (part.kind !== 'tool') return [{ type: `${part.kind}-delta`, id: key, delta: text }];
    part.arguments += text;
    return [{ type: 'tool-input-delta', toolCallId: part.id, inputTextDelta: text }];
  }

  private end(key: string, input: JsonValue | undefined): UiMessageChunk[] {
    const part = this.parts.get(key);
    if (part === undefined) return [];
    if (part.kind !== 'tool') {
      this.parts.delete(key);
      return [{ type: `${part.kind}-end`, id: key }];
    }
    return [
      {
        type: 'tool-input-available',
        ...callOf(part),
        input: input === undefined ? jsonOrText(part.arguments) : input,
      },
    ];
  }

  private result(change: Extract<SegmentChangeEvent, { type: 'result' }>): UiMessageChunk[] {
    const part = this.parts.get(change.key);
    if (part === undefined) return [];
    this.parts.delete(change.key);
    this.isAfterResult = true;
    const { id: toolCallId } = part;
    if (change.error !== undefined)
      return [{ type: 'tool-output-error', toolCallId, errorText: change.error }];
    return [{ type: 'tool-output-available', toolCallId, output: change.output }];
  }

  private finish({ id, reason, error }: Extract<SegmentChangeEvent, { type: 'finish' }>): UiMessageChunk[] {
    const opening = this.begin(id);
    if (reason === 'completed') return [...opening, { type: 'finish-step' }, { type: 'finish' }];
    if (reason === 'error') return [...opening, { type: 'error', errorText: error ?? 'The reply failed.' }];
    return [...opening, { type: 'abort', ...(error !== undefined && { reason: error }) }];
  }
}

function partOf({ key, kind, toolCallId, toolName }: SessionSegment): OpenPart {
  return {
    kind: kind as OpenPart['kind'],
    id: toolCallId ?? key,
    toolName: toolName ?? UNNAMED_TOOL,
    dynamic: toolName === undefined,
    arguments: '',
  };
}

function callOf({ id, toolName, dynamic }: OpenPart): JsonObject {
  return { toolCallId: id, toolName, ...(dynamic && { dynamic }) };
}

/** For `onData` alone: a line is no part of the message. */
function lineOf({ text, timestamp, level, context, data }: SessionSegment): UiMessageChunk {
  return { type: 'data-log', data: { message: text, timestamp, level, context, data }, transient: true };
}
