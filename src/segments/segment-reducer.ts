import { LogEntry, type JsonObject, type SessionRecord } from '../entry/log-entry.js';
import type { SessionEnd } from '../entry/session-end.js';
import type { SessionTokens } from '../entry/special-tokens.js';
import { TokenScanner } from '../entry/token-scanner.js';
import { USER_CONTEXT } from '../entry/user-context.js';
import type { SegmentChange, SegmentKind, SessionSegment } from './session-segment.js';

/** Calls of tools whose results may still come. */
const MOST_TOOLS = 1_000;

/** The segment that texts are added to. */
interface OpenSegment {
  readonly key: string;
  readonly kind: SegmentKind;
  readonly context: string | undefined;
}

/** What a reducer knows of the records that it was given. */
export interface SegmentState {
  /** The beginning of what may be a token. */
  readonly held: string;
  readonly open: OpenSegment | undefined;
  /** Who said what is held back. */
  readonly speaker: string | undefined;
  /** The keys of the tools that were called, by the ids of the calls. */
  readonly tools: ReadonlyMap<string, string>;
}

/** Whether the same follows from two states. */
export function isSameState(a: SegmentState, b: SegmentState): boolean {
  if (a === b) return true;
  return (
    a.held === b.held && isSameOpen(a.open, b.open) && a.speaker === b.speaker && isSameMap(a.tools, b.tools)
  );
}

/** One key may be of reasoning to one reader, and of text to another from whom its beginning has gone. */
function isSameOpen(a: OpenSegment | undefined, b: OpenSegment | undefined): boolean {
  return a?.key === b?.key && a?.kind === b?.kind && a?.context === b?.context;
}

/**
 * Tells what the records of a session, in order, do to its segments. Tokens are found also where they are split over
 * chunks; what opens nothing, or closes nothing, is text.
 */
export class SegmentReducer {
  private readonly scanner: TokenScanner;
  private open: OpenSegment | undefined;
  private speaker: string | undefined;
  private tools = new Map<string, string>();
  /** Whether a state that was given has the same. */
  private areToolsShared = false;
  private saved: SegmentState | undefined;
  private changes: SegmentChange[] = [];
  private record!: SessionRecord;
  private begun = 0;

  /** @param filter whether an entry is to be seen at all; default all */
  constructor(
    private readonly tokens: SessionTokens,
    private readonly filter?: (entry: LogEntry) => boolean,
  ) {
    this.scanner = new TokenScanner(Object.values(tokens) as string[]);
  }

  /** What all that follows depends on. It does not change, nor do those that were given earlier. */
  get state(): SegmentState {
    const { open, speaker, tools } = this;
    this.saved ??= { held: this.scanner.pending, open, speaker, tools };
    this.areToolsShared = true;
    return this.saved;
  }

  set state(state: SegmentState) {
    this.scanner.restart(state.held);
    ({ open: this.open, speaker: this.speaker } = state);
    this.tools = state.tools as Map<string, string>;
    this.areToolsShared = true;
    this.saved = state;
  }

  /** What the next record does. */
  push(record: SessionRecord): SegmentChange[] {
    this.changes = [];
    if (record instanceof LogEntry && this.filter?.(record) === false) return this.changes;
    this.saved = undefined;
    this.begun = 0;
    this.record = record;
    if (!(record instanceof LogEntry)) this.finish(record);
    else if (record.logType === 'log') this.line(record);
    else this.chat(record);
    return this.changes;
  }

  /** What it does that the next records are missing: nothing is open any more, and who said what is not known. */
  interrupt(): SegmentChange[] {
    this.changes = [];
    this.saved = undefined;
    this.closeAll();
    this.speaker = undefined;
    return this.changes;
  }

  private chat(entry: LogEntry): void {
    const { message, context, data } = entry;
    const toolCallId = textOf(data, 'toolCallId');
    const isLiteral = data?.['literal'] === true || context === USER_CONTEXT;
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
    const isToken = data?.['literal'] !== true;
    const isStart = isToken && message === this.tokens.toolCallStart;
    const key = (isStart ? undefined : this.tools.get(toolCallId)) ?? this.call(toolCallId, data);
    if (isStart) return;
    if (!isToken || message !== this.tokens.toolCallEnd) return this.delta(key, message);
    const input = data?.['input'];
    this.changes.push({ type: 'end', key, ...(input !== undefined && { input }) });
  }

  /** A tool is known by the id of its call: other texts may come between its arguments. */
  private call(toolCallId: string, data: JsonObject | undefined): string {
    this.close();
    const toolName = textOf(data, 'toolName');
    const { speaker } = this;
    const key = this.start('tool', {
      toolCallId,
      ...(toolName !== undefined && { toolName }),
      ...(speaker !== undefined && { context: speaker }),
    });
    this.remember(toolCallId, key);
    return key;
  }

  /** A state that was given does not change: the first call behind it makes its own. */
  private remember(toolCallId: string, key: string): void {
    if (this.areToolsShared) this.tools = new Map(this.tools);
    this.areToolsShared = false;
    this.tools.set(toolCallId, key);
    const [oldest] = this.tools.keys();
    if (this.tools.size > MOST_TOOLS) this.tools.delete(oldest!);
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
    this.closeAll();
    this.changes.push({ type: 'finish', reason, ...(error !== undefined && { error }) });
  }

  private closeAll(): void {
    this.release();
    this.close();
    this.tools = new Map();
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

function isSameMap(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a === b || (a.size === b.size && [...a].every(([key, value]) => b.get(key) === value));
}

function textOf(data: JsonObject | undefined, name: string): string | undefined {
  const value = data?.[name];
  return typeof value === 'string' ? value : undefined;
}
