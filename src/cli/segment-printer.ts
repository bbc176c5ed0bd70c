import { styleText } from 'node:util';
import { LOG_ENTRY_LEVELS, type JsonValue, type LogEntryLevel } from '../entry/log-entry.js';
import type { SegmentUpdate, SessionSegment } from '../segments/session-segment.js';
import { indented, printable } from '../sinks/terminal/terminal-text.js';

type Style = Parameters<typeof styleText>[0];

const LEVEL_STYLES: Readonly<Record<LogEntryLevel, Style>> = {
  verbose: 'gray',
  debug: 'cyan',
  log: 'green',
  warn: 'yellow',
  error: 'red',
  fatal: ['red', 'bold'],
};
const LEVEL_WIDTH = Math.max(...LOG_ENTRY_LEVELS.map(({ length }) => length));

/** What is printed of a session. */
export interface PrinterOptions {
  readonly colors: boolean;
  /** Nothing older, in milliseconds since 1970. */
  readonly since?: number | undefined;
  /** Only segments in which that stands, in lower case; texts are then printed once they are complete. */
  readonly filter?: string | undefined;
}

/** Makes the segments of a session text for a terminal: texts run on, all else stands on lines of its own. */
export class SegmentPrinter {
  private readonly shown = new Map<string, SessionSegment>();
  /** Tools whose result was printed. */
  private readonly answered = new Set<string>();
  /** Whose text the line is that is being written. */
  private speaking: string | undefined;
  private isMidLine = false;

  constructor(private readonly options: PrinterOptions) {}

  /** What is printed of what is told next. */
  print(update: SegmentUpdate): string {
    switch (update.type) {
      case 'snapshot':
        return this.snapshot(update.segments);
      case 'start':
        return this.start(update.segment);
      case 'delta':
        return this.delta(update.key, update.text);
      case 'end':
        return this.end(update.key, update.input);
      case 'result':
        return this.result(update.key, update.error ?? update.output);
      default:
        return this.freshLine();
    }
  }

  /** A line of this program's own. */
  note(text: string): string {
    return this.line(this.paint('dim', `-- ${indented(text)}`));
  }

  /** Ends the line that is being written. */
  freshLine(): string {
    const isMidLine = this.isMidLine;
    this.isMidLine = false;
    this.speaking = undefined;
    return isMidLine ? '\n' : '';
  }

  /** Also where one comes back after a loss: what was shown before is not shown again. */
  private snapshot(segments: readonly SessionSegment[]): string {
    return segments.map((segment) => this.whole(segment)).join('');
  }

  private whole(segment: SessionSegment): string {
    const { key, text, complete, input, output, error } = segment;
    const before = this.shown.get(key);
    const opening =
      before === undefined
        ? this.start({ ...segment, text: '', complete: false }, segment.kind === 'log' ? text : undefined)
        : '';
    if (segment.kind === 'log') return opening;
    const said = this.delta(key, text.slice(before?.text.length ?? 0));
    const ended = complete && before?.complete !== true ? this.end(key, input) : '';
    const returned = error ?? output;
    return (
      opening +
      said +
      ended +
      (returned === undefined || this.answered.has(key) ? '' : this.result(key, returned))
    );
  }

  private start(segment: SessionSegment, line = segment.text): string {
    if (this.options.since !== undefined && Date.parse(segment.timestamp) < this.options.since) return '';
    this.shown.set(segment.key, segment);
    return segment.kind === 'log' && this.matches(line) ? this.logLine(segment, line) : '';
  }

  private delta(key: string, text: string): string {
    const segment = this.shown.get(key);
    if (segment === undefined || text === '') return '';
    this.shown.set(key, { ...segment, text: segment.text + text });
    const waits = this.options.filter !== undefined || segment.kind === 'tool';
    return waits ? '' : this.say(segment, text);
  }

  private end(key: string, input: JsonValue | undefined): string {
    const segment = this.shown.get(key);
    if (segment === undefined) return '';
    this.shown.set(key, { ...segment, complete: true });
    const { kind, text, toolName = 'tool' } = segment;
    if (kind === 'tool') {
      const call = `${toolName}(${input === undefined ? text : JSON.stringify(input)})`;
      return this.matches(call) ? this.line(this.paint('magenta', indented(call))) : '';
    }
    if (this.options.filter === undefined || !this.matches(text)) return '';
    return this.say(segment, text) + this.freshLine();
  }

  private result(key: string, result: JsonValue | undefined): string {
    const segment = this.shown.get(key);
    if (segment === undefined) return '';
    this.answered.add(key);
    const text = `${segment.toolName ?? 'tool'} → ${typeof result === 'string' ? result : JSON.stringify(result)}`;
    return this.matches(text) ? this.line(this.paint('dim', indented(text))) : '';
  }

  private say({ key, kind, context }: SessionSegment, text: string): string {
    const isNew = this.speaking !== key;
    const lead = isNew
      ? this.freshLine() + (context === undefined ? '' : this.paint('bold', `${indented(context)}: `))
      : '';
    this.speaking = key;
    this.isMidLine = !text.endsWith('\n');
    const shown = printable(text);
    return lead + (kind === 'reasoning' ? this.paint('dim', shown) : shown);
  }

  private logLine({ timestamp, level = 'log', context, data }: SessionSegment, message: string): string {
    const time = this.paint('dim', timestamp.slice(11, 23));
    const label = this.paint(LEVEL_STYLES[level], level.toUpperCase().padEnd(LEVEL_WIDTH));
    const from = context === undefined ? '' : `${this.paint('dim', `[${indented(context)}]`)} `;
    const more = data === undefined ? '' : ` ${this.paint('dim', printable(JSON.stringify(data)))}`;
    return this.line(`${time} ${label} ${from}${indented(message)}${more}`);
  }

  private line(text: string): string {
    return `${this.freshLine()}${text}\n`;
  }

  private matches(text: string): boolean {
    return this.options.filter === undefined || text.toLowerCase().includes(this.options.filter);
  }

  private paint(style: Style, text: string): string {
    if (!this.options.colors || text === '') return text;
    return styleText(style, text, { validateStream: false });
  }
}
