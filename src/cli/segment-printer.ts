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

/** What was printed of a segment. */
interface Shown {
  readonly segment: Pick<SessionSegment, 'key' | 'kind' | 'context' | 'toolName'>;
  /** Characters of its text that have come. */
  length: number;
  /** What is printed once it is complete. */
  waiting: string;
  isComplete: boolean;
  isAnswered: boolean;
}

/** Makes the segments of a session text for a terminal: texts run on, all else stands on lines of its own. */
export class SegmentPrinter {
  private readonly shown = new Map<string, Shown>();
  /** Whose text the line is that is being written. */
  private speaking: string | undefined;
  private isMidLine = false;

  constructor(private readonly options: PrinterOptions) {}

  /** What is printed of what is told next. */
  print(update: SegmentUpdate): string {
    switch (update.type) {
      case 'snapshot':
        return this.snapshot(update.segments, update.missed);
      case 'start':
        return this.whole(update.segment);
      case 'delta':
        return this.delta(update.key, update.text);
      case 'end':
        return this.end(update.key, update.input);
      case 'result':
        return this.result(update.key, update);
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
  private snapshot(segments: readonly SessionSegment[], missed: number | undefined): string {
    // Of what went later a gap has told.
    const isFirst = missed !== undefined && this.shown.size === 0;
    const note = isFirst ? this.note(`first entries that are no longer kept: ${missed}`) : '';
    return note + segments.map((segment) => this.whole(segment)).join('');
  }

  private whole(segment: SessionSegment): string {
    const { key, kind, text, complete, input, output, error } = segment;
    const before = this.shown.get(key);
    const opening =
      before === undefined ? this.start({ ...segment, text: '' }, kind === 'log' ? text : undefined) : '';
    if (kind === 'log') return opening;
    const said = this.delta(key, text.slice(before?.length ?? 0));
    const ended = complete && before?.isComplete !== true ? this.end(key, input) : '';
    const isAnswered = (output === undefined && error === undefined) || before?.isAnswered === true;
    return opening + said + ended + (isAnswered ? '' : this.result(key, { output, error }));
  }

  private start(segment: SessionSegment, line = segment.text): string {
    if (this.options.since !== undefined && Date.parse(segment.timestamp) < this.options.since) return '';
    const { key, kind, context, toolName } = segment;
    this.shown.set(key, {
      segment: {
        key,
        kind,
        ...(context !== undefined && { context }),
        ...(toolName !== undefined && { toolName }),
      },
      length: 0,
      waiting: '',
      isComplete: false,
      isAnswered: false,
    });
    return kind === 'log' && this.matches(line) ? this.logLine(segment, line) : '';
  }

  private delta(key: string, text: string): string {
    const shown = this.shown.get(key);
    if (shown === undefined || text === '') return '';
    shown.length += text.length;
    if (this.options.filter === undefined && shown.segment.kind !== 'tool') return this.say(shown, text);
    shown.waiting += text;
    return '';
  }

  private end(key: string, input: JsonValue | undefined): string {
    const shown = this.shown.get(key);
    if (shown === undefined) return '';
    const { segment, waiting } = shown;
    shown.isComplete = true;
    shown.waiting = '';
    if (segment.kind === 'tool') {
      const call = `${nameOf(shown)}(${input === undefined ? waiting : JSON.stringify(input)})`;
      return this.matches(call) ? this.line(this.paint('magenta', indented(call))) : '';
    }
    if (this.options.filter === undefined || !this.matches(waiting)) return '';
    return this.say(shown, waiting) + this.freshLine();
  }

  private result(key: string, { output, error }: { output?: JsonValue; error?: string }): string {
    const shown = this.shown.get(key);
    if (shown === undefined) return '';
    shown.isAnswered = true;
    const text =
      error === undefined
        ? `${nameOf(shown)} → ${typeof output === 'string' ? output : JSON.stringify(output)}`
        : `${nameOf(shown)} failed: ${error}`;
    if (!this.matches(text)) return '';
    return this.line(this.paint(error === undefined ? 'dim' : 'red', indented(text)));
  }

  private say({ segment: { key, kind, context } }: Shown, text: string): string {
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

function nameOf({ segment: { toolName = 'tool' } }: Shown): string {
  return toolName;
}
