import type { Secret, Span } from './secret.js';

/** Released text that is looked at once more, so that word boundaries and look-behinds are right. */
const CONTEXT = 128;

/** What was found in a text, of which what is not released begins at 0. */
export interface Look {
  /** What is to be masked, the first first; some may overlap, and begin before 0. */
  readonly spans: readonly Span[];
  /** What is masked by them, the first first. */
  readonly masks: readonly Mask[];
  /** How many units are decided. */
  readonly decided: number;
}

/** What is masked. */
export interface Mask {
  readonly from: number;
  readonly to: number;
  /** Whether the mask is to stand there, and does not do so already. */
  readonly isShown: boolean;
}

/** Finds what is to be masked in a text that comes in pieces, the first of which are released from time to time. */
export class MaskedText {
  /** The end of what was released. */
  private context = '';
  /** Where secrets may begin in it: behind those that are masked, and not where nobody knows what stood before. */
  private start = 0;
  /** Whether it ended in a mask. */
  private isOpen = false;
  private text = '';

  /** @param onFailure told of a secret that cannot be looked for; the text so far is masked as a whole */
  constructor(
    private readonly secrets: readonly Secret[],
    private readonly onFailure: (error: unknown) => void,
  ) {}

  add(piece: string): void {
    this.text += piece;
  }

  /** What has to be masked of the text so far, and from where on nothing is decided yet. */
  look(): Look {
    return this.safely((full, secrets) => {
      const { start } = this;
      const spans = secrets.flatMap((secret) => secret.find(full, start));
      const endless = spans.filter((span) => span.to === full.length && isEndless(span));
      const begun = secrets.map((secret) => secret.beginning(full, start).from);
      // One that is longer than it may be is not waited for: what continues it is masked as it comes.
      const waiting = begun.filter((from) => !endless.some((span) => from >= span.from));
      const decided = spans.filter((span) => span.to < full.length || endless.includes(span));
      const hold = withoutOverlap(Math.min(full.length, ...waiting), decided);
      return { spans: decided.filter(({ to }) => to <= hold), hold };
    });
  }

  /** The same where nothing more is waited for: what is begun counts as far as its prefix tells what it is. */
  decide(): Look {
    return this.safely((full, secrets) => {
      const { start } = this;
      const find = (secret: Secret): Span[] => [...secret.find(full, start), ...secret.known(full, start)];
      return { spans: secrets.flatMap(find), hold: full.length };
    });
  }

  /** The first `count` units, which are decided, are released. */
  release(count: number, { spans }: Look): void {
    if (count === 0) return;
    const full = this.context + this.text;
    const end = this.context.length + count;
    // A secret that goes on behind them, or may, is looked at from its beginning.
    const crossing = spans.filter(({ from, to }) => from < count && to >= count);
    const open = crossing.find((span) => !isEndless(span)) ?? crossing[0];
    const begin = open === undefined ? end : open.from + this.context.length;
    const cut = Math.max(0, begin - CONTEXT);
    const done = spans.filter(({ to }) => to < count).map(({ to }) => to + this.context.length);
    this.start = Math.max(Math.sign(cut), Math.min(begin, Math.max(this.start, ...done)) - cut);
    this.context = full.slice(cut, Math.min(end, begin + (open?.maxLength ?? 0)));
    this.isOpen = open !== undefined;
    this.text = full.slice(end);
  }

  private safely(find: (full: string, secrets: Secret[]) => { spans: Span[]; hold: number }): Look {
    const { context, text } = this;
    const full = context + text;
    const base = context.length;
    try {
      const secrets = this.secrets.filter((secret) => !secret.isAbsent(full));
      if (secrets.length === 0) return { spans: [], masks: [], decided: text.length };
      const { spans, hold } = find(full, secrets);
      return this.lookOf(
        spans.map((span) => ({ ...span, from: span.from - base, to: span.to - base })),
        Math.max(0, hold - base),
      );
    } catch (error) {
      // A pattern may be too much for the engine: then nothing is shown.
      this.onFailure(error);
      return this.lookOf([{ from: 0, to: text.length, maxLength: 0 }], text.length);
    }
  }

  private lookOf(found: readonly Span[], decided: number): Look {
    const spans = found.filter(({ to }) => to > 0).toSorted((a, b) => a.from - b.from);
    const masks: Mask[] = [];
    for (const { from, to } of spans) {
      const last = masks.at(-1);
      if (last === undefined || from >= last.to) {
        masks.push({ from, to, isShown: from >= 0 || !this.isOpen });
      } else if (to > last.to) {
        masks[masks.length - 1] = { ...last, to };
      }
    }
    return { spans, masks, decided };
  }
}

/** Writes the part of a text from one index up to another, with masks. */
export function renderMasked(text: string, offset: number, masks: readonly Mask[], replace: string): string {
  let shown = '';
  let at = 0;
  for (const { from, to, isShown } of masks) {
    const begin = Math.max(from - offset, at);
    const end = Math.min(to - offset, text.length);
    if (end <= at || begin >= text.length) continue;
    shown += text.slice(at, begin);
    // In the piece where it begins, or in the first one that there is of it.
    if (isShown && (from >= offset || offset === 0)) shown += replace;
    at = end;
  }
  return shown + text.slice(at);
}

/** What reaches into the part that is held is held, too: where that part begins then. */
function withoutOverlap(hold: number, spans: readonly Span[]): number {
  const overlapping = spans.filter(({ from, to }) => from < hold && to > hold);
  if (overlapping.length === 0) return hold;
  return withoutOverlap(Math.min(...overlapping.map(({ from }) => from)), spans);
}

function isEndless({ from, to, maxLength }: Span): boolean {
  return to - from > maxLength;
}
