const NEWLINE = 0x0a;

/** A longer line is no entry of ours, and would have to be held in memory: 256 MiB. */
export const MAX_LINE_BYTES = 256 * 1024 * 1024;

/** Cuts bytes at newlines alone: a line of JSON may hold U+2028, which Node's readline cuts at. */
export class LineSplitter {
  private pieces: Buffer[] = [];
  private bytes = 0;
  private isTooLong = false;
  private given = 0;

  /** @param maxBytes a line that is longer is given as undefined, and never held in memory */
  constructor(private readonly maxBytes: number) {}

  /** Bytes of the line given last, without its newline. */
  get lineBytes(): number {
    return this.given;
  }

  /** The lines that `chunk` completes. */
  *push(chunk: Buffer): Generator<Buffer | undefined> {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.hold(chunk.subarray(from, at));
      yield this.take();
      from = at + 1;
    }
    this.hold(chunk.subarray(from));
  }

  /** What stands behind the last newline, if anything does. */
  *end(): Generator<Buffer | undefined> {
    if (this.bytes > 0 || this.isTooLong) yield this.take();
  }

  private hold(piece: Buffer): void {
    this.isTooLong ||= this.bytes + piece.length > this.maxBytes;
    if (this.isTooLong) this.pieces = [];
    else if (piece.length > 0) this.pieces.push(piece);
    this.bytes += piece.length;
  }

  private take(): Buffer | undefined {
    const line = this.isTooLong ? undefined : Buffer.concat(this.pieces);
    this.given = this.bytes;
    this.pieces = [];
    this.bytes = 0;
    this.isTooLong = false;
    return line;
  }
}
