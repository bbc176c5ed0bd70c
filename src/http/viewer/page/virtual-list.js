import { RowHeights } from './row-heights.js';

/** Rows that are made besides those that are seen. */
const SPARE = 8;
/** Pixels from the end within which one is at the end. */
const AT_END = 24;

/**
 * Shows many items in a scroller, of which only those that are seen are in the document. It stays at the end where it is
 * to follow, else what is seen stays where it is, whatever comes or changes its height above.
 */
export class VirtualList {
  #items = [];
  #heights;
  /** Rows in the document, by the keys of their items. */
  #rows = new Map();
  #isDue = false;
  #isFollowing = true;
  /** What was seen at the top, and how far it is scrolled out. */
  #anchor = { key: '', offset: 0 };

  /**
   * @param scroller the element that scrolls
   * @param list the list within it
   * @param renderer makes rows: `create(item)`, `update(row, item)`, `guess(item)`
   */
  constructor(scroller, list, renderer) {
    this.scroller = scroller;
    this.list = list;
    this.renderer = renderer;
    /** Called when it begins or ceases to follow. */
    this.onFollow = () => {};
    this.#heights = new RowHeights((item) => renderer.guess(item));
    scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.resizes = new ResizeObserver(() => this.#due());
    let width = 0;
    new ResizeObserver(([entry]) => {
      if (entry.contentRect.width !== width) this.#heights.forget();
      width = entry.contentRect.width;
      this.#due();
    }).observe(scroller);
  }

  get items() {
    return this.#items;
  }

  get isFollowing() {
    return this.#isFollowing;
  }

  /** Whether the last of them is seen. */
  get isAtEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    return scrollTop + clientHeight >= scrollHeight - AT_END;
  }

  /** Shows these from the next frame on. */
  setItems(items) {
    this.#items = items;
    this.#heights.setItems(items);
    this.#due();
  }

  /** Draws all rows anew, as where a search marks others. */
  redraw() {
    for (const row of this.#rows.values()) row.item = undefined;
    this.#due();
  }

  follow(isFollowing = true) {
    if (this.#isFollowing === isFollowing) return;
    this.#isFollowing = isFollowing;
    this.onFollow(isFollowing);
    this.#due();
  }

  /** Brings an item into view, and gives its row the focus. */
  show(index) {
    this.follow(false);
    const { scroller } = this;
    const top = this.#heights.top(index);
    const isSeen =
      top >= scroller.scrollTop && this.#heights.top(index + 1) <= scroller.scrollTop + scroller.clientHeight;
    if (!isSeen) {
      const { key } = this.#items[index];
      this.#anchor = { key, offset: -scroller.clientHeight / 3 };
      scroller.scrollTop = Math.max(top + this.#anchor.offset, 0);
    }
    this.#render();
    this.#rows.get(this.#items[index].key)?.element.focus({ preventScroll: true });
  }

  /** The place of the item whose row has the focus, else of the one at the top. */
  get current() {
    const focused = document.activeElement?.closest?.('[data-key]')?.dataset.key;
    const index = this.#items.findIndex(({ key }) => key === focused);
    return index === -1 ? this.#heights.at(this.scroller.scrollTop) : index;
  }

  #due() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#render();
    });
  }

  #scrolled() {
    const { scrollTop } = this.scroller;
    // What grows while it follows scrolls, too: only upwards is it the reader who does.
    if (this.isAtEnd) this.follow(true);
    else if (scrollTop < this.lastTop) this.follow(false);
    this.lastTop = scrollTop;
    this.#keepAnchor();
    this.#due();
  }

  #keepAnchor() {
    const index = this.#heights.at(this.scroller.scrollTop);
    const item = this.#items[index];
    if (item !== undefined)
      this.#anchor = { key: item.key, offset: this.scroller.scrollTop - this.#heights.top(index) };
  }

  #render() {
    // Rows that are seen for the first time have another height than guessed, whereby others come into view.
    for (let rounds = 0; rounds < 4; rounds++) {
      this.#restoreTop();
      this.#fill();
      if (!this.#heights.measured(this.#measure())) break;
    }
    this.#restoreTop();
  }

  #restoreTop() {
    const { scroller, list } = this;
    list.style.height = `${this.#heights.total}px`;
    let top = scroller.scrollTop;
    if (this.#isFollowing) top = scroller.scrollHeight - scroller.clientHeight;
    else {
      const index = this.#indexOf(this.#anchor.key);
      if (index !== -1) top = this.#heights.top(index) + this.#anchor.offset;
    }
    if (Math.abs(top - scroller.scrollTop) >= 1) scroller.scrollTop = top;
    this.lastTop = scroller.scrollTop;
  }

  /** It is where it was, or near it. */
  #indexOf(key) {
    const guess = this.#heights.at(this.scroller.scrollTop);
    if (this.#items[guess]?.key === key) return guess;
    return this.#items.findIndex((item) => item.key === key);
  }

  #fill() {
    const { scrollTop, clientHeight } = this.scroller;
    const from = Math.max(this.#heights.at(scrollTop) - SPARE, 0);
    const to = Math.min(this.#heights.at(scrollTop + clientHeight) + SPARE + 1, this.#items.length);
    const wanted = new Set();
    for (let index = from; index < to; index++) wanted.add(this.#items[index].key);
    for (const [key, row] of this.#rows) if (!wanted.has(key)) this.#drop(key, row);
    let before = null;
    for (let index = to - 1; index >= from; index--) before = this.#place(index, before);
  }

  #place(index, before) {
    const item = this.#items[index];
    const row = this.#rows.get(item.key) ?? this.#make(item);
    if (row.item !== item) this.renderer.update(row.element, item);
    row.item = item;
    row.index = index;
    const { element } = row;
    element.setAttribute('aria-posinset', index + 1);
    element.setAttribute('aria-setsize', this.#items.length);
    element.style.top = `${this.#heights.top(index)}px`;
    if (element.parentNode === null) this.list.insertBefore(element, before);
    return element;
  }

  #make(item) {
    const element = this.renderer.create(item);
    element.dataset.key = item.key;
    element.tabIndex = -1;
    this.resizes.observe(element);
    const row = { element, item: undefined, index: 0 };
    this.#rows.set(item.key, row);
    return row;
  }

  #drop(key, { element }) {
    // Keys would go nowhere.
    if (element.contains(document.activeElement)) this.scroller.focus({ preventScroll: true });
    this.resizes.unobserve(element);
    element.remove();
    this.#rows.delete(key);
  }

  #measure() {
    return [...this.#rows.values()].map(({ index, element }) => [index, element.offsetHeight]);
  }
}
