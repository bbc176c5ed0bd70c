/** As much of a line is held back, in UTF-16 units. */
const MAX_HELD = 64 * 1024;

/** Holds back a line that is not complete, so that what is drawn meanwhile has a line of its own. */
export class WholeLines {
  private held = '';

  /** What can be written: whole lines, or of a very long one a part. */
  push(text: string): string {
    const all = this.held + text;
    const cut = all.length > MAX_HELD ? all.length : all.lastIndexOf('\n') + 1;
    this.held = all.slice(cut);
    return all.slice(0, cut);
  }

  /** What is left. */
  rest(): string {
    const { held } = this;
    this.held = '';
    return held;
  }
}
