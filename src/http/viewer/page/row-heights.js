/** Heights that are remembered besides those of the rows that there are. */
const SPARE = 1_000;

/** Where each of many rows lies, of which most were never seen: those that were have their height, others a guess. */
export class RowHeights {
  #heights = new Map();
  #items = [];
  /** Of each row its top; behind the last one the bottom of all. */
  #tops = new Float64Array(1);

  /** @param guess pixels of an item that was never seen */
  constructor(guess) {
    this.guess = guess;
  }

  get total() {
    return this.#tops[this.#items.length];
  }

  setItems(items) {
    const kept = this.#items;
    const most = Math.min(kept.length, items.length);
    let same = 0;
    while (same < most && kept[same].key === items[same].key) same++;
    this.#items = items;
    if (this.#heights.size > 2 * items.length + SPARE) this.#forgetOthers();
    this.#place(same);
  }

  /** Heights of rows that are seen, by their places. */
  measured(heights) {
    let first = this.#items.length;
    for (const [index, height] of heights) {
      const { key } = this.#items[index];
      if (this.#heights.get(key) === height) continue;
      this.#heights.set(key, height);
      first = Math.min(first, index);
    }
    const hasChanged = first < this.#items.length;
    if (hasChanged) this.#place(first);
    return hasChanged;
  }

  /** Forgets all heights, as where the width has changed. */
  forget() {
    this.#heights.clear();
    this.#place(0);
  }

  top(index) {
    return this.#tops[index];
  }

  /** The row at a height. */
  at(height) {
    let low = 0;
    let high = Math.max(this.#items.length - 1, 0);
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#tops[middle] <= height) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Keeps heights of what is there alone, as rows that have gone do not come back. */
  #forgetOthers() {
    const keys = new Set(this.#items.map(({ key }) => key));
    for (const key of this.#heights.keys()) if (!keys.has(key)) this.#heights.delete(key);
  }

  #place(from) {
    const items = this.#items;
    if (this.#tops.length <= items.length) {
      const tops = new Float64Array(items.length * 2 + 1);
      tops.set(this.#tops);
      this.#tops = tops;
    }
    for (let index = from; index < items.length; index++) {
      const item = items[index];
      this.#tops[index + 1] = this.#tops[index] + (this.#heights.get(item.key) ?? this.guess(item));
    }
  }
}
