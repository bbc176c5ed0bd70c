import { LogEntry, type JsonObject, type SessionRecord } from '../entry/log-entry.js';
import type { SessionEnd } from '../entry/session-end.js';
import type { SessionTokens } from '../entry/special-tokens.js';
import { TokenScanner } from '../entry/token-scanner.js';
import type { PushRecord } from './open-segments.js';
import type { SegmentChange, SegmentKind, SessionSegment } from './session-segment.js';

/** Calls of tools whose results may still come. */
const MOST_TOOLS = 1_000;

/** The segment that texts are added to. */
interface OpenSegment {
  readonly key: string;
  readonly kind: SegmentKind;
  readonly context: string | undefined;
}

/**
 * Tells what the records of a session, in order, do to its segments. Tokens are found also where they are split over
 * chunks; what opens nothing, or closes nothing, is text.
 */
export class SegmentReducer {
  private readonly scanner: TokenScanner;
  private open: OpenSegment | undefined;
  /** Who said what the scanner holds back. */
  private speaker: string | undefined;
  /** The keys of the tools that were called, by the ids of the calls. */
  private readonly tools = new Map<string, string>();
  private changes: SegmentChange[] = [];
  private record!: SessionRecord;
  private begun = 0;

  constructor(private readonly tokens: SessionTokens) {
    this.scanner = new TokenScanner(Object.values(tokens) as string[]);
  }

  /** What the next record does. */
  push(record: SessionRecord): SegmentChange[] {
    this.changes = [];
    this.begun = 0;
    this.record = record;
    if (!(record instanceof LogEntry)) this.finish(record);
    else if (record.logType === 'log') this.line(record);
    else this.chat(record);
    return this.changes;
  }

  private chat(entry: LogEntry): void {
    const { message, context, data } = entry;
    const toolCallId = textOf(data, 'toolCallId');
    const isLiteral = data?.['literal'] === true;
    if (isLiteral || toolCallId !== undefined || context !== this.speaker) this.release();
    this.speaker = context;
    if (toolCallId !== undefined) return this.tool(entry, toolCallId);
    if (isLiteral) return this.say(message);
    for (const piece of this.scanner.push(message)) {
      if (piece.type === 'text') this.say(piece.text);
      else this.token(piece.token);
    }
  }

  private token(token: string): void {
    const { streamStart, streamEnd, reasoningStart, reasoningStop, toolCallStart, toolCallEnd } = this.tokens;
    const kind = this.open?.kind;
    if (token === streamStart || token === streamEnd) this.close();
    else if (kind === 'tool' && token === toolCallEnd) this.close();
    else if (kind === 'tool') this.say(token);
    else if (kind === 'reasoning' && token === reasoningStop) this.close();
    else if (kind !== 'reasoning' && token === reasoningStart) this.begin('reasoning');
    else if (token === toolCallStart) this.begin('tool');
    else this.say(token);
  }

  private say(text: string): void {
    if (text === '') return;
    if (this.open !== undefined && this.open.context !== this.speaker) this.close();
    if (this.open === undefined) this.begin('text');
    this.delta(this.open!.key, text);
  }

  private begin(kind: SegmentKind): void {
    this.close();
    const { speaker } = this;
    const key = this.start(kind, speaker === undefined ? {} : { context: speaker });
    this.open = { key, kind, context: speaker };
  }

  private tool({ message, data }: LogEntry, toolCallId: string): void {
    const { toolCallStart, toolCallEnd } = this.tokens;
    const key =
      (message === toolCallStart ? undefined : this.tools.get(toolCallId)) ?? this.call(toolCallId, data);
    if (message === toolCallStart) return;
    if (message !== toolCallEnd) return this.delta(key, message);
    const input = data?.['input'];
    this.changes.push({ type: 'end', key, ...(input !== undefined && { input }) });
  }

  /** A tool is known by the id of its call: other texts may come between its arguments. */
  private call(toolCallId: string, data: JsonObject | undefined): string {
    this.close();
    const toolName = textOf(data, 'toolName');
    const key = this.start('tool', { toolCallId, ...(toolName !== undefined && { toolName }) });
    this.tools.set(toolCallId, key);
    const [oldest] = this.tools.keys();
    if (this.tools.size > MOST_TOOLS && oldest !== undefined) this.tools.delete(oldest);
    return key;
  }

  private line({ message, level, context, data }: LogEntry): void {
    const key = this.tools.get(textOf(data, 'toolCallId') ?? '');
    const error = textOf(data, 'error');
    const output = data?.['output'];
    if (key !== undefined && (output !== undefined || error !== undefined)) {
      this.changes.push({
        type: 'result',
        key,
        ...(output !== undefined && { output }),
        ...(error !== undefined && { error }),
      });
      return;
    }
    this.start('log', {
      text: message,
      complete: true,
      ...(level !== undefined && { level }),
      ...(context !== undefined && { context }),
      ...(data !== undefined && { data }),
    });
  }

  private finish({ reason, error }: SessionEnd): void {
    this.release();
    this.close();
    this.tools.clear();
    this.changes.push({ type: 'finish', reason, ...(error !== undefined && { error }) });
  }

  /** What was held back is no token. */
  private release(): void {
    for (const piece of this.scanner.flush()) this.say(piece.type === 'text' ? piece.text : piece.token);
  }

  private close(): void {
    if (this.open === undefined) return;
    this.changes.push({ type: 'end', key: this.open.key });
    this.open = undefined;
  }

  private start(kind: SegmentKind, rest: Partial<SessionSegment>): string {
    const { id, timestamp } = this.record;
    const key = `${id}.${this.begun++}`;
    this.changes.push({
      type: 'start',
      segment: { key, kind, timestamp, text: '', complete: false, ...rest },
    });
    return key;
  }

  private delta(key: string, text: string): void {
    const last = this.changes.at(-1);
    if (last?.type !== 'delta' || last.key !== key) this.changes.push({ type: 'delta', key, text });
    else this.changes[this.changes.length - 1] = { type: 'delta', key, text: last.text + text };
  }
}

/**
 * Reduces records from the first one on.
 *
 * @param filter whether an entry is to be seen at all
 */
export function reduceWith(tokens: SessionTokens, filter?: (entry: LogEntry) => boolean): PushRecord {
  const reducer = new SegmentReducer(tokens);
  if (filter === undefined) return (record) => reducer.push(record);
  return (record) => (record instanceof LogEntry && !filter(record) ? [] : reducer.push(record));
}

function textOf(data: JsonObject | undefined, name: string): string | undefined {
  const value = data?.[name];
  return typeof value === 'string' ? value : undefined;
}
