import type { Secret, Span } from './secret.js';

/** Released text that is kept, so that word boundaries and look-behinds are right. */
const CONTEXT = 128;
/** How much is kept of the beginning of a secret that is longer than it may be: it tells whether what comes continues it. */
const STEM = 1_024;
/** A slice of a text this long is copied, as it would keep all of it in memory. */
const LONG = 1_024;

/** What was found in a text, of which what is not released begins at 0. */
export interface Look {
  /** What is to be masked, the first first; it may begin before 0. */
  readonly masks: readonly Mask[];
  /** How many units are decided. */
  readonly decided: number;
}

/** What is masked. */
export interface Mask extends Span {
  /** Whether the mask is to stand there, and does not do so already. */
  readonly isShown: boolean;
}

/** Finds what is to be masked in a text that comes in pieces, the first of which are released from time to time. */
export class MaskedText {
  /** What was released last, then what is not released. */
  private full = '';
  /** Where what is not released begins. */
  private base = 0;
  /** For each kind of secret where it is looked for: where one may have begun, else at the end. */
  private readonly cursors: number[];
  /** For each kind whether what has begun there is longer than it may be: what continues it is masked as it comes. */
  private readonly isEndless: boolean[];
  /** Secrets that are found and not released as a whole. */
  private spans: Span[] = [];
  private endsInMask = false;

  /** @param onFailure told of a secret that cannot be looked for; the text so far is masked as a whole */
  constructor(
    private readonly secrets: readonly Secret[],
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.cursors = secrets.map(() => 0);
    this.isEndless = secrets.map(() => false);
  }

  /** Whether what was released ended in a secret, which may go on. */
  get isOpen(): boolean {
    return this.endsInMask;
  }

  add(piece: string): void {
    this.full += piece;
  }

  /** Takes a piece that has nothing to do with any secret, and releases it at once; tells whether it was one. */
  passes(piece: string): boolean {
    if (this.base < this.full.length || this.spans.length > 0 || !this.isClear(this.full + piece))
      return false;
    this.full = endOf(this.full + piece, CONTEXT);
    this.base = this.full.length;
    this.cursors.fill(this.base);
    this.endsInMask = false;
    return true;
  }

  /** What has to be masked of the text so far, and from where on nothing is decided yet. */
  look(): Look {
    return this.safely(() => {
      const begun = this.secrets.map((secret, kind) => this.scan(secret, kind));
      return withoutOverlap(Math.min(this.full.length, ...begun), this.spans);
    });
  }

  /**
   * The same where nothing more is waited for: what is begun counts as far as its prefix tells what it is.
   *
   * @param isLast whether nothing more is going to come, so that what is a secret by now is no more than that
   */
  decide(isLast: boolean): Look {
    return this.safely(() => {
      this.secrets.forEach((secret, kind) => {
        const begun = this.scan(secret, kind);
        if (begun < this.full.length) this.spans.push(...this.known(secret, begun, isLast));
      });
      return this.full.length;
    });
  }

  /** The secrets in a text that is whole. */
  find(): Look {
    return this.safely(() => {
      for (const secret of this.secrets) {
        let match = secret.match(this.full, 0);
        for (; match !== undefined; match = secret.match(this.full, match.to)) this.spans.push(match);
      }
      return this.full.length;
    });
  }

  /** The first `count` units, which are decided, are released. */
  release(count: number): void {
    if (count === 0) return;
    const isLong = this.full.length >= LONG;
    const end = this.base + count;
    this.endsInMask = this.spans.some(({ from, to }) => from < end && to >= end);
    this.spans = this.spans.filter(({ to }) => to > end);
    this.base = end;
    this.isEndless.forEach((isEndless, kind) => {
      if (isEndless) this.cut(this.cursors[kind]! + STEM, this.base);
    });
    this.cut(0, Math.min(this.base, ...this.cursors) - CONTEXT);
    if (isLong) this.full = ownCopy(this.full);
  }

  private isClear(full: string): boolean {
    try {
      return this.secrets.every((secret, kind) => {
        const at = this.cursors[kind]!;
        if (this.isEndless[kind] || (at < this.base && secret.isBegunAt(full, at))) return false;
        return secret.beginning(full, at) === full.length && secret.match(full, at) === undefined;
      });
    } catch {
      // Looked at once more, where the failure is told.
      return false;
    }
  }

  /** Finds secrets of a kind; tells from where on there may be one that is not decided yet. */
  private scan(secret: Secret, kind: number): number {
    const { full } = this;
    let at = this.cursors[kind]!;
    if (this.isEndless[kind]) {
      const to = secret.endOfBegun(full, at);
      this.spans.push({ from: at, to });
      if (to === full.length) return to;
      this.isEndless[kind] = false;
      at = to;
    } else if (at < full.length && secret.isBegunAt(full, at)) {
      if (full.length - at <= secret.maxLength) return at;
      if (secret.hasPrefixAt(full, at)) {
        this.isEndless[kind] = true;
        return this.scan(secret, kind);
      }
    }
    let begun = secret.beginning(full, at);
    for (let match = secret.match(full, at); match !== undefined && match.from < begun;) {
      this.spans.push(match);
      at = match.to;
      if (at > begun) begun = secret.beginning(full, at);
      match = secret.match(full, at);
    }
    this.cursors[kind] = begun;
    return begun;
  }

  private known(secret: Secret, begun: number, isLast: boolean): Span[] {
    const { full } = this;
    const match = secret.match(full, begun);
    const isMatch = match?.from === begun;
    if (isLast && isMatch) return [match];
    const isKnown = isLast ? secret.isCutShortAt(full, begun) : secret.hasPrefixAt(full, begun);
    if (isKnown) return [{ from: begun, to: full.length }];
    return isMatch ? [match] : [];
  }

  /** Takes a part out that nobody needs any more: what is before, or the middle of an endless secret. */
  private cut(from: number, to: number): void {
    if (to <= from) return;
    const moved = (index: number): number => (index <= from ? index : Math.max(from, index - (to - from)));
    this.full = this.full.slice(0, from) + this.full.slice(to);
    this.base = moved(this.base);
    this.cursors.forEach((at, kind) => (this.cursors[kind] = moved(at)));
    this.spans = this.spans.map((span) => ({ from: moved(span.from), to: moved(span.to) }));
  }

  private safely(decide: () => number): Look {
    try {
      return this.lookTo(decide());
    } catch (error) {
      // A pattern may be too much for the engine: then nothing is shown.
      this.onFailure(error);
      this.cursors.fill(this.full.length);
      this.isEndless.fill(false);
      this.spans = [{ from: this.base, to: this.full.length }];
      return this.lookTo(this.full.length);
    }
  }

  private lookTo(end: number): Look {
    const { base, isOpen } = this;
    const masks: Mask[] = [];
    const spans = this.spans.filter(({ to }) => to > base && to <= end);
    for (const span of spans.toSorted((a, b) => a.from - b.from)) {
      const [from, to] = [span.from - base, span.to - base];
      const last = masks.at(-1);
      if (last === undefined || from >= last.to) masks.push({ from, to, isShown: from >= 0 || !isOpen });
      else if (to > last.to) masks[masks.length - 1] = { ...last, to };
    }
    return { masks, decided: Math.max(0, end - base) };
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

/** The last units of a text. */
function endOf(text: string, units: number): string {
  const end = text.slice(-units);
  return text.length < LONG ? end : ownCopy(end);
}

/** V8 keeps the whole of a text in memory as long as there is a slice of it. */
function ownCopy(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
