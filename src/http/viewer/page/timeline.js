import { SegmentList } from '../client/index.js';

/** A session as one shows it: its segments, and between them what became of it and of the connection. */
export class Timeline {
  #list = new SegmentList();
  /** By the key of the segment that they stand behind; empty where they come first. */
  #notices = new Map();
  #lastKey = '';
  #count = 0;

  /** Takes what `followSession` gives. */
  apply(update) {
    if (update.type === 'finish') return this.addNotice('end', endText(update), update.reason);
    this.#list.apply(update);
    if (update.type === 'start') this.#lastKey = update.segment.key;
    if (update.type === 'snapshot') this.#lastKey = update.segments.at(-1)?.key ?? '';
  }

  /** @param tone how it is meant: `lost`, `error` or another */
  addNotice(kind, text, tone = '') {
    const key = `notice-${++this.#count}`;
    const notice = { key, kind, text, tone, timestamp: new Date().toISOString() };
    const before = this.#notices.get(this.#lastKey) ?? [];
    this.#notices.set(this.#lastKey, [...before, notice]);
  }

  /** Entries are missing before all that is given from now on. */
  addGap({ missed, reason }) {
    this.#lastKey = '';
    this.#notices.clear();
    this.addNotice('gap', `${missed ?? 'Some'} entries are missing here (${reason})`, 'lost');
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
