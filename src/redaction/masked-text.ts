import type { Secret, Span } from './secret.js';

/** Released text that is kept, so that word boundaries and look-behinds are right. */
const CONTEXT = 64;

/** What was found in a text, of which what is not released begins at 0. */
export interface Look {
  /** What is to be masked, the first first; some may overlap, and begin before 0. */
  readonly spans: readonly Span[];
  /** What is masked by them, the first first. */
  readonly masks: readonly Mask[];
  /** How many units are decided. */
  readonly decided: number;
  /** Where what may still become a secret begins: behind what is decided, unless that was decided too early. */
  readonly open: number;
}

/** What is masked. */
export interface Mask {
  readonly from: number;
  readonly to: number;
  /** Whether the mask is to stand there, and does not do so already. */
  readonly isShown: boolean;
}

/** What was found in a text with its context. */
interface Found {
  readonly spans: readonly Span[];
  readonly decided: number;
  readonly open: number;
}

/** Finds what is to be masked in a text that comes in pieces, the first of which are released from time to time. */
export class MaskedText {
  /** The end of what was released. */
  private context = '';
  /** Where in it secrets may begin. */
  private start = 0;
  /** Whether it ended in a mask. */
  private isMasked = false;
  private text = '';

  /** @param onFailure told of a secret that cannot be looked for; the text so far is masked as a whole */
  constructor(
    private readonly secrets: readonly Secret[],
    private readonly onFailure: (error: unknown) => void,
  ) {}

  add(piece: string): void {
    this.text += piece;
  }

  /** Takes a piece that has nothing to do with any secret, and releases it at once; tells whether it was one. */
  passes(piece: string): boolean {
    const full = this.context + piece;
    if (this.text !== '' || !this.isClear(full)) return false;
    this.context = full.slice(-CONTEXT);
    this.start = this.context.length;
    this.isMasked = false;
    return true;
  }

  /** What has to be masked of the text so far, and from where on nothing is decided yet. */
  look(): Look {
    return this.safely((full, secrets, start) => {
      const spans = secrets.flatMap((secret) => secret.find(full, start));
      const endless = spans.filter((span) => span.to === full.length && isEndless(span));
      const begun = secrets.map((secret) => secret.beginning(full, start).from);
      // One that is longer than it may be is not waited for: what continues it is masked as it comes.
      const waiting = begun.filter((from) => !endless.some((span) => from >= span.from));
      const ended = spans.filter((span) => span.to < full.length || endless.includes(span));
      const decided = withoutOverlap(Math.min(full.length, ...waiting), ended);
      return { spans: ended.filter(({ to }) => to <= decided), decided, open: decided };
    });
  }

  /** The same where nothing more is waited for: what is begun counts as far as its prefix tells what it is. */
  decide(): Look {
    return this.safely((full, secrets, start) => {
      const spans = secrets.flatMap((secret) => [...secret.find(full, start), ...secret.known(full, start)]);
      const begun = secrets.map((secret) => secret.beginning(full, start).from);
      return { spans, decided: full.length, open: Math.min(full.length, ...begun) };
    });
  }

  /** The first `count` units, which are decided, are released. */
  release(count: number, { spans, open }: Look): void {
    if (count === 0) return;
    const base = this.context.length;
    const full = this.context + this.text;
    // A secret that goes on behind them, or may, is looked at from its beginning.
    const crossing = spans.filter(({ from, to }) => from < count && to >= count);
    const span = crossing.find((one) => !isEndless(one)) ?? crossing[0];
    const begin = base + Math.min(count, open, span?.from ?? count);
    const cut = Math.max(0, begin - CONTEXT);
    const isCut = span !== undefined && isEndless(span);
    this.context = full.slice(cut, isCut ? begin + span.maxLength : base + count);
    this.start = begin - cut;
    this.isMasked = span !== undefined;
    this.text = this.text.slice(count);
  }

  private isClear(full: string): boolean {
    try {
      return this.secrets.every((secret) => secret.isAbsent(full, this.start));
    } catch {
      // Looked at once more, where the failure is told.
      return false;
    }
  }

  private safely(find: (full: string, secrets: Secret[], start: number) => Found): Look {
    const { context, text, start } = this;
    const full = context + text;
    try {
      const secrets = this.secrets.filter((secret) => !secret.isAbsent(full, start));
      if (secrets.length === 0) return { spans: [], masks: [], decided: text.length, open: text.length };
      return this.lookOf(find(full, secrets, start));
    } catch (error) {
      // A pattern may be too much for the engine: then nothing is shown.
      this.onFailure(error);
      const { length } = full;
      const all = { from: context.length, to: length, maxLength: 0 };
      return this.lookOf({ spans: [all], decided: length, open: length });
    }
  }

  private lookOf({ spans: found, decided, open }: Found): Look {
    const base = this.context.length;
    const spans = found
      .filter(({ to }) => to > base)
      .map((span) => ({ ...span, from: span.from - base, to: span.to - base }))
      .toSorted((a, b) => a.from - b.from);
    return { spans, masks: this.masksOf(spans), decided: Math.max(0, decided - base), open: open - base };
  }

  private masksOf(spans: readonly Span[]): Mask[] {
    const masks: Mask[] = [];
    for (const { from, to } of spans) {
      const last = masks.at(-1);
      if (last === undefined || from >= last.to) {
        masks.push({ from, to, isShown: from >= 0 || !this.isMasked });
      } else if (to > last.to) {
        masks[masks.length - 1] = { ...last, to };
      }
    }
    return masks;
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
