import { byId } from './element.js';

/** Finds entries among those that are shown, and goes from one to the next. */
export class EntrySearch {
  /**
   * @param list shows the entries
   * @param filter knows what is found
   */
  constructor(list, filter) {
    this.list = list;
    this.filter = filter;
    /** Called when another text is searched. */
    this.onChange = () => {};
    byId('search').addEventListener('input', () => {
      this.#take();
      this.onChange();
    });
    byId('search').addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.goOn(event.shiftKey ? -1 : 1, false);
    });
    byId('previous').addEventListener('click', () => this.goOn(-1));
    byId('next').addEventListener('click', () => this.goOn(1));
  }

  get text() {
    return byId('search').value.trim();
  }

  set text(text) {
    byId('search').value = text;
    this.#take();
  }

  /** Goes to the next match or, with -1, to the one before; round and round. */
  goOn(step, takesFocus = true) {
    const places = this.#matches();
    if (places.length === 0) return;
    const last = this.list.items.findIndex(({ key }) => key === this.filter.current);
    const from = last === -1 ? this.list.current - step : last;
    const next = step > 0 ? places.find((place) => place > from) : places.findLast((place) => place < from);
    const place = next ?? places.at(step > 0 ? 0 : -1);
    this.filter.current = this.list.items[place].key;
    this.list.redraw();
    this.list.show(place);
    if (!takesFocus) byId('search').focus({ preventScroll: true });
    this.#tell(places);
  }

  /** Counts anew, where other entries are shown. */
  count() {
    if (this.text !== '') this.#tell(this.#matches());
  }

  #take() {
    this.filter.search(this.text);
    this.list.redraw();
    const isOn = this.text !== '';
    for (const id of ['matches', 'previous', 'next']) byId(id).hidden = !isOn;
    this.count();
  }

  #tell(places) {
    const at = places.findIndex((place) => this.list.items[place].key === this.filter.current);
    const before = at === -1 ? '' : `${at + 1} of `;
    byId('matches').textContent = `${before}${places.length.toLocaleString()}`;
  }

  #matches() {
    const places = [];
    for (const [index, item] of this.list.items.entries()) if (this.filter.finds(item)) places.push(index);
    return places;
  }
}
