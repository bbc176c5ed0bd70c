/** An event of a stream, as it was sent. */
export interface StreamEvent {
  /** Its name; `message` where it has none. */
  readonly event: string;
  /** Its id, where it has one. */
  readonly id: string | undefined;
  /** Its text: of our own endpoint JSON. */
  readonly data: string;
}

/** Characters that an event may have: many times what the longest message takes. */
const LONGEST = 64 * 1024 * 1024;

/**
 * Reads event streams as the HTML Standard has them, however they are split:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class EventParser {
  /** The beginning of a line. */
  private rest = '';
  /** Whether a line feed that comes first belongs to the line break before it. */
  private isBehindReturn = false;
  private isAtStart = true;
  /** Milliseconds to wait before one comes back, where the server has told. */
  retry: number | undefined;
  private event = '';
  private id: string | undefined;
  private data = '';
  private hasData = false;

  /**
   * The events that are complete with this piece.
   *
   * @throws RangeError where one of them is longer than 64 Mi characters
   */
  *feed(piece: string): Generator<StreamEvent, void> {
    const lines = this.split(piece);
    this.rest = lines.pop()!;
    for (const line of lines) {
      if (line !== '') this.take(line);
      else if (this.hasData) yield this.dispatch();
      else this.begin();
    }
    if (this.rest.length + this.data.length <= LONGEST) return;
    throw new RangeError(`An event of the stream has more than ${LONGEST} characters; expected it to end.`);
  }

  /** Lines, of which the last one may go on. */
  private split(piece: string): string[] {
    if (piece === '') return [this.rest];
    const skipped =
      (this.isBehindReturn && piece.startsWith('\n')) || (this.isAtStart && piece.startsWith('\uFEFF'));
    this.isAtStart = false;
    this.isBehindReturn = piece.endsWith('\r');
    const [first, ...others] = (skipped ? piece.slice(1) : piece).split(/\r\n|\n|\r/);
    return [this.rest + first!, ...others];
  }

  private take(line: string): void {
    const colon = line.indexOf(':');
    const [field, value] =
      colon === -1 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
    if (field === 'event') this.event = value;
    if (field === 'id' && !value.includes('\0')) this.id = value;
    if (field === 'retry' && /^\d{1,9}$/.test(value)) this.retry = Number(value);
    if (field !== 'data') return;
    this.data += this.hasData ? `\n${value}` : value;
    this.hasData = true;
  }

  private dispatch(): StreamEvent {
    const { event, id, data } = this;
    this.begin();
    return { event: event === '' ? 'message' : event, id, data };
  }

  private begin(): void {
    this.event = '';
    this.id = undefined;
    this.data = '';
    this.hasData = false;
  }
}
