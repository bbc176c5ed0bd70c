import type { Output } from './output.js';

/** Less is read before one would look for a bar. */
const MIN_BYTES = 32 * 1024 * 1024;
const WIDTH = 30;
const ERASE_LINE = '\r\x1b[K';

/**
 * How far a long reading is, on stderr where that is a terminal. It has a line of its own: it is taken away before
 * anything is written, and stays away where it would stand among what another program shows.
 */
export class ProgressBar {
  private percent = 0;
  private isShown = false;
  private isLineOpen = false;
  private isOver: boolean;

  constructor(
    private readonly notes: Output,
    private readonly output: Output,
  ) {
    this.isOver = !notes.isScreen;
  }

  /** Draws it, where it has come further. */
  show(read: number, total: number): void {
    const percent = Math.floor((100 * read) / total);
    if (this.isOver || this.isLineOpen || total < MIN_BYTES || percent <= this.percent) return;
    this.percent = percent;
    this.isShown = true;
    const done = Math.round((WIDTH * percent) / 100);
    const bar = `${'█'.repeat(done)}${'░'.repeat(WIDTH - done)}`;
    // The cursor waits at the left, where the next one to write would begin.
    this.notes.draw(`${ERASE_LINE}${bar} ${percent} % of ${megabytes(total)}\r`);
  }

  /** Takes it away, as `text` is to be written. */
  makeRoom(text: string): void {
    if (text === '') return;
    this.hide();
    if (this.output.isScreen) this.isLineOpen = !text.endsWith('\n');
    else this.isOver ||= this.output.isWatched;
  }

  hide(): void {
    if (this.isShown) this.notes.draw(ERASE_LINE);
    this.isShown = false;
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024).toLocaleString('en')} MiB`;
}
