/** Bytes of one page, unless a single line is longer. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Where a page ends: a position in the store, once it was reached, and the entry given last. */
export interface HistoryPlace {
  readonly position?: string | undefined;
  readonly uid?: string | undefined;
}

/** Lines of one page, of a bounded number and size. */
export class HistoryPage {
  readonly lines: string[] = [];
  /** Behind what was given last. */
  place: HistoryPlace;
  /** Whether there is more than fits. */
  isFull = false;
  private bytes = 0;

  constructor(
    private readonly limit: number,
    begin: HistoryPlace,
  ) {
    this.place = begin;
  }

  /** Adds a line that ends at a place, or says that the page is full. */
  add(value: object, place: HistoryPlace): boolean {
    const line = JSON.stringify(value);
    const bytes = Buffer.byteLength(line) + 1;
    this.isFull =
      this.lines.length >= this.limit || (this.lines.length > 0 && this.bytes + bytes > MAX_BYTES);
    if (this.isFull) return false;
    this.lines.push(line);
    this.bytes += bytes;
    this.place = place;
    return true;
  }

  /** Ends it before it is full, as the rest can be had with the next one; an empty page cannot end so. */
  endEarly(): boolean {
    this.isFull = this.lines.length > 0;
    return this.isFull;
  }

  /** What was given already, as NDJSON. */
  toString(): string {
    return this.lines.map((line) => `${line}\n`).join('');
  }
}

/** Writes a place as a text for a URL; undefined for the beginning. */
export function formatPlace({ position = '', uid = '' }: HistoryPlace): string | undefined {
  return position === '' && uid === '' ? undefined : `${position}~${uid}`;
}

/** Reads a place back; undefined where it is none. */
export function parsePlace(text: string): HistoryPlace | undefined {
  const [, position, uid] = /^([A-Za-z0-9]{1,64}-\d{1,16})?~([A-Za-z0-9]{1,64}-\d{1,16})?$/.exec(text) ?? [];
  return position === undefined && uid === undefined ? undefined : { position, uid };
}
