import { inspect } from 'node:util';
import { jsonOrText } from '../entry/json-or-text.js';
import type { JsonObject, JsonValue } from '../entry/log-entry.js';
import { toJsonObject } from '../entry/log-entry.js';
import type { SessionTokens } from '../entry/special-tokens.js';
import { messageOf } from '../session-logger.errors.js';
import { InlineReasoning, type ReplyPiece } from './inline-reasoning.js';
import type { SessionWriter } from './session-writer.interface.js';

/** A call of a tool whose arguments are still coming. */
interface OpenTool {
  readonly name: string;
  /** The arguments so far; undefined where they are too long to be kept. */
  input: string | undefined;
}

/** Characters of arguments that are kept to be read as JSON at their end; longer ones are in their pieces alone. */
const LONGEST_INPUT = 1024 * 1024;

/** UTF-8 bytes that a UTF-16 unit takes at the most. */
const BYTES_PER_UNIT = 3;

/** Marks a text in which what looks like a token is none. */
const LITERAL: JsonObject = { literal: true };

/** Writes what a model sends into a session: as chunks, with the tokens between them. */
export class ReplyRecorder {
  /** Resolves when all that was written is accepted. */
  accepted: Promise<void> = Promise.resolve();
  /** What the model, or a tool that it is built of, said went wrong. */
  failure: unknown;
  /** The model was stopped by somebody else. */
  isAborted = false;
  private hasBegun = false;
  private isReasoning = false;
  private inline: InlineReasoning | undefined;
  /** Of texts that come by turns with others: see {@link openInline}. */
  private readonly inlines = new Set<InlineReasoning>();
  private readonly tools = new Map<string, OpenTool>();
  private readonly mayHoldToken: RegExp;
  /** Characters of a chunk. */
  private readonly longest: number;
  /** The first half of a character that was cut in two, and the data of its text. */
  private half = '';
  private halfOf: JsonObject | undefined;

  constructor(
    private readonly writer: SessionWriter,
    private readonly tokens: SessionTokens,
    messageBytes: number,
  ) {
    this.longest = Math.max(2, Math.floor(messageBytes / BYTES_PER_UNIT));
    const first = Object.values(tokens).map(
      (token: string) => '\\u' + token.charCodeAt(0).toString(16).padStart(4, '0'),
    );
    this.mayHoldToken = new RegExp(`[${first.join('')}]`);
  }

  /** The reply begins, once, whatever comes of it. */
  open(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.token(this.tokens.streamStart);
  }

  /** The model begins a message: what {@link inlineText} is given next may begin with reasoning. */
  begin(): void {
    this.flushInline();
    this.inline = undefined;
    this.open();
  }

  /** A piece of the answer. */
  text(text: string): void {
    if (text === '') return;
    this.reasoningEnd();
    this.chunk(text);
  }

  /** A piece of an answer that may begin with reasoning, between tokens; not where a model has a channel for that. */
  inlineText(text: string, inline = (this.inline ??= this.newInline())): void {
    if (inline.isOver) return this.text(text);
    this.say(inline.push(text));
  }

  /** A piece of the reasoning, on a channel of its own; an empty one begins it. */
  reasoning(text: string, inline = (this.inline ??= this.newInline())): void {
    this.flushText(inline);
    this.reason(text);
  }

  /** What was held back, as it may be the beginning of reasoning, was said before what comes. */
  flushText(inline: InlineReasoning): void {
    if (!inline.isOver) this.say(inline.flush());
  }

  /** What {@link inlineText} and {@link reasoning} are given of a message whose pieces may come by turns with others'. */
  openInline(): InlineReasoning {
    const inline = this.newInline();
    this.inlines.add(inline);
    return inline;
  }

  /** That message is complete. */
  closeInline(inline: InlineReasoning): void {
    this.inlines.delete(inline);
    this.say(inline.flush());
  }

  /** The reasoning, or one part of it, is complete. */
  reasoningEnd(): void {
    if (!this.isReasoning) return;
    this.isReasoning = false;
    this.token(this.tokens.reasoningStop);
  }

  /** The model begins to call a tool. */
  toolStart(toolCallId: string, toolName: string): void {
    if (this.tools.has(toolCallId)) return;
    this.flushInline();
    this.reasoningEnd();
    this.tools.set(toolCallId, { name: toolName, input: '' });
    this.token(this.tokens.toolCallStart, { toolCallId, toolName });
  }

  /** A piece of the arguments. */
  toolInput(toolCallId: string, text: string): void {
    const tool = this.tools.get(toolCallId);
    if (tool === undefined || text === '') return;
    if (tool.input !== undefined)
      tool.input = tool.input.length + text.length > LONGEST_INPUT ? undefined : tool.input + text;
    this.chunk(text, { toolCallId });
  }

  /** Whether the arguments so far are JSON. */
  hasWholeInput(toolCallId: string): boolean {
    const input = this.tools.get(toolCallId)?.input ?? '';
    // Asked often while they come, of which most are not.
    return input.trimEnd().endsWith('}') && isJson(input);
  }

  /** The arguments are complete. @param input default: the pieces, read as JSON */
  toolCall(toolCallId: string, toolName: string, input?: unknown): void {
    this.toolStart(toolCallId, toolName);
    const { name, input: text } = this.tools.get(toolCallId)!;
    this.tools.delete(toolCallId);
    const complete = input === undefined ? parsed(text) : jsonOf(input);
    this.token(this.tokens.toolCallEnd, {
      toolCallId,
      toolName: name,
      ...(complete !== undefined && { input: complete }),
    });
  }

  /** What a tool returned. */
  toolResult(toolCallId: string, toolName: string, output: unknown): void {
    this.toolLine(toolCallId, toolName, 'log', 'returned', { output: jsonOf(output) });
  }

  /** A tool threw. */
  toolFailed(toolCallId: string, toolName: string, error: unknown): void {
    const message = messageOf(error);
    this.toolLine(toolCallId, toolName, 'error', `failed: ${message}`, { error: message });
  }

  /** The reply is complete. */
  finish(): void {
    this.flush();
    this.reasoningEnd();
    for (const [toolCallId, { name }] of this.tools) this.toolCall(toolCallId, name);
    this.open();
    this.token(this.tokens.streamEnd);
  }

  /** What was held back, of a reply that is not complete, too. */
  flush(): void {
    for (const inline of this.inlines) this.closeInline(inline);
    this.flushInline();
  }

  private flushInline(): void {
    this.say(this.inline?.flush() ?? []);
    this.writeHalf();
  }

  private newInline(): InlineReasoning {
    return new InlineReasoning(this.tokens.reasoningStart, this.tokens.reasoningStop);
  }

  private say(pieces: readonly ReplyPiece[]): void {
    for (const { type, text } of pieces) {
      if (type === 'text') this.text(text);
      else this.reason(text);
    }
  }

  private reason(text: string): void {
    if (!this.isReasoning) {
      this.token(this.tokens.reasoningStart);
      this.isReasoning = true;
    }
    if (text !== '') this.chunk(text);
  }

  private toolLine(
    toolCallId: string,
    toolName: string,
    level: 'log' | 'error',
    what: string,
    data: JsonObject,
  ): void {
    this.open();
    this.accepted = this.writer.log({
      message: `Tool ${toolName} ${what}`,
      logType: 'log',
      level,
      context: toolName,
      data: { toolCallId, toolName, ...data },
    });
  }

  private token(token: string, data?: JsonObject): void {
    this.open();
    this.writeHalf();
    this.accepted = this.writer.chat(token, data);
  }

  private chunk(text: string, data?: JsonObject): void {
    this.open();
    if (this.half !== '' && data?.['toolCallId'] !== this.halfOf?.['toolCallId']) this.writeHalf();
    const whole = this.half + text;
    const isCut = isHighSurrogate(whole.charCodeAt(whole.length - 1));
    this.half = isCut ? whole.slice(-1) : '';
    this.halfOf = data;
    if (!isCut) this.write(whole, data);
    else if (whole.length > 1) this.write(whole.slice(0, -1), data);
  }

  /** Of which the other half never came. */
  private writeHalf(): void {
    const { half } = this;
    this.half = '';
    if (half !== '') this.write(half, this.halfOf);
  }

  /** A text that is longer than that of an entry may be is split, not cut. */
  private write(text: string, data: JsonObject | undefined): void {
    let rest = text;
    while (rest.length > this.longest) {
      const isCut = isHighSurrogate(rest.charCodeAt(this.longest - 1));
      const end = isCut ? this.longest - 1 : this.longest;
      this.writeChunk(rest.slice(0, end), data);
      rest = rest.slice(end);
    }
    this.writeChunk(rest, data);
  }

  private writeChunk(message: string, data: JsonObject | undefined): void {
    const isLiteral = this.mayHoldToken.test(message);
    this.accepted = this.writer.chat(message, isLiteral ? { ...LITERAL, ...data } : data);
  }
}

/** Whether a character of two halves is cut behind the first one. */
function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

/** Arguments as they were sent: JSON, or what should have become JSON. */
function parsed(text: string | undefined): JsonValue | undefined {
  if (text === undefined) return undefined;
  return text === '' ? {} : jsonOf(jsonOrText(text));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What an entry can hold of a value; of one that JSON cannot hold, such as a circular one, how Node prints it. */
function jsonOf(value: unknown): JsonValue {
  const copy = toJsonObject({ value });
  return copy === undefined ? inspect(value, { breakLength: Infinity }) : (copy['value'] ?? null);
}
