import { SegmentList } from '../client/index.js';

const LEFT_OUT = 'What came before is left out here; a download has it';

/** What is held of a session: beyond it the older half is left out, however long the page is open. */
const MOST_SEGMENTS = 200_000;
const MOST_CHARACTERS = 128 * 1024 * 1024;
/** What became of the connection while nothing was logged, of which the newest are kept. */
const MOST_NOTICES = 100;

/** A session as one shows it: its segments, and between them what became of it and of the connection. */
export class Timeline {
  #list = new SegmentList();
  /** By the key of the segment that they stand behind; empty where they come first. */
  #notices = new Map();
  #lastKey = '';
  /** What is missing in the snapshot that comes next. */
  #gaps = [];
  #count = 0;
  #segments = 0;
  #characters = 0;

  /** @param most what is held at the most */
  constructor({ segments = MOST_SEGMENTS, characters = MOST_CHARACTERS } = {}) {
    this.mostSegments = segments;
    this.mostCharacters = characters;
  }

  /** Takes what `followSession` gives. */
  apply(update) {
    if (update.type === 'finish') return this.addNotice('end', endText(update), update.reason);
    this.#list.apply(update);
    if (update.type === 'snapshot') return this.#begin(update.segments, update.missed);
    if (update.type === 'start') {
      this.#lastKey = update.segment.key;
      this.#segments++;
    }
    this.#characters += sizeOf(update.segment ?? update);
    if (this.#segments > this.mostSegments || this.#characters > this.mostCharacters) this.#leaveOut();
  }

  /** @param missed records before them that have gone */
  #begin(segments, missed) {
    this.#lastKey = segments.at(-1)?.key ?? '';
    this.#segments = segments.length;
    this.#characters = segments.reduce((sum, segment) => sum + sizeOf(segment), 0);
    this.#forgetOthers(segments);
    if (missed !== undefined)
      this.#tellFirst(`The first ${missed.toLocaleString()} entries are no longer kept`, segments);
    for (const { missed: count, reason, resumedAt } of this.#gaps.splice(0)) {
      const before = segments.findLast(({ key }) => offsetOf(key) < offsetOf(resumedAt))?.key ?? '';
      if (before === '' && missed !== undefined) continue;
      this.addNotice('gap', `${missingOf(count)} missing here (${reason})`, 'lost', before);
    }
  }

  /** What was told behind segments that have gone. */
  #forgetOthers(segments) {
    const kept = new Set(segments.map(({ key }) => key));
    for (const key of this.#notices.keys()) if (!kept.has(key)) this.#notices.delete(key);
  }

  /** The newest one stays, whatever its size. */
  #leaveOut() {
    const all = this.#list.all();
    let from = all.length - 1;
    let characters = sizeOf(all[from]);
    const least = Math.max(all.length - this.mostSegments / 2, 0);
    while (from > least && characters + sizeOf(all[from - 1]) <= this.mostCharacters / 2)
      characters += sizeOf(all[--from]);
    const segments = all.slice(from);
    this.#list.apply({ type: 'snapshot', segments });
    this.#begin(segments);
    this.#tellFirst(LEFT_OUT, segments);
  }

  /** In place of what was told there. */
  #tellFirst(text, [first]) {
    this.#notices.set('', [this.#made('gap', text, 'lost', first?.timestamp)]);
  }

  /**
   * @param tone how it is meant: `lost`, `error` or another
   * @param behind the key of a segment
   */
  addNotice(kind, text, tone = '', behind = this.#lastKey) {
    const before = this.#notices.get(behind) ?? [];
    this.#notices.set(behind, [...before, this.#made(kind, text, tone)].slice(-MOST_NOTICES));
  }

  #made(kind, text, tone, timestamp = new Date().toISOString()) {
    return { key: `notice-${++this.#count}`, kind, text, tone, timestamp };
  }

  /** Entries are missing in the snapshot that comes next. */
  addGap(gap) {
    if (!this.#gaps.some(({ resumedAt }) => resumedAt === gap.resumedAt)) this.#gaps.push(gap);
  }

  /** Segments and notices in order; an object is the same as before where nothing has changed of it. */
  items() {
    const segments = this.#list.all();
    if (this.#notices.size === 0) return segments;
    const items = [...(this.#notices.get('') ?? [])];
    for (const segment of segments) {
      items.push(segment);
      const notices = this.#notices.get(segment.key);
      if (notices !== undefined) items.push(...notices);
    }
    return items;
  }
}

/** How a session ended, in words. */
export function endText({ reason, error }) {
  if (reason === 'unknown') return 'Ended';
  const said = { completed: 'Completed', cancelled: 'Cancelled', error: 'Failed', deleted: 'Deleted' }[
    reason
  ];
  return error === undefined ? said : `${said}: ${error}`;
}

/** Characters that are held of a segment, or come with a change of it. */
function sizeOf({ text = '', input, output, data }) {
  const values = [input, output, data].filter((value) => value !== undefined);
  return values.reduce((size, value) => size + JSON.stringify(value).length, text.length);
}

/** Of a position, `<epoch>-<offset>`, or of a key that begins with one. */
function offsetOf(position) {
  return Number(/-(\d+)(?:\.\d+)?$/.exec(position)?.[1] ?? 0);
}

function missingOf(missed) {
  if (missed === 1) return '1 entry is';
  return `${missed?.toLocaleString() ?? 'Some'} entries are`;
}
