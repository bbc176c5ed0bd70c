import { hasFrames, withoutFrames } from './stack-frames.js';

/** Where collecting ends, in characters. */
const MAX_LENGTH = 1_048_576;

/** The stacks that a call of Nest's logger holds, in order and each once. */
export class FoundStacks {
  private readonly found: string[] = [];
  private length = 0;

  /** Undefined where there are none. */
  get joined(): string | undefined {
    return this.found.length === 0 ? undefined : this.found.join('\n');
  }

  add(stack = ''): void {
    const kept = stack.slice(0, MAX_LENGTH - this.length);
    if (kept === '' || this.found.some((one) => one.includes(kept))) return;
    this.length += kept.length;
    this.found.push(kept);
  }

  /** Gives a text without the frames in it, and keeps the whole of it where there are any. */
  cutFrom(text: string): string {
    if (!hasFrames(text)) return text;
    this.add(text);
    return withoutFrames(text);
  }
}
