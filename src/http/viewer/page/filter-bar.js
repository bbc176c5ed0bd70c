import { byId, element } from './element.js';
import { visibleText } from './visible-text.js';

/** Contexts that are offered at the most. */
const MOST_CONTEXTS = 200;

/** Where one chooses which kinds, levels and contexts are shown. */
export class FilterBar {
  #boxes = [...document.querySelectorAll('.kinds input')];
  #contexts = new Set();

  /** @param filter is given what is chosen */
  constructor(filter) {
    this.filter = filter;
    /** Called when something else is chosen. */
    this.onChange = () => {};
    for (const control of [...this.#boxes, byId('level'), byId('context')])
      control.addEventListener('change', () => {
        this.#take();
        this.onChange();
      });
  }

  /** Offers the contexts that there are, and counts the kinds. */
  offer(items) {
    const counts = { text: 0, reasoning: 0, tool: 0, log: 0 };
    for (const { kind, context } of items) {
      if (kind in counts) counts[kind]++;
      if (context !== undefined && this.#contexts.size < MOST_CONTEXTS) this.#contexts.add(context);
    }
    for (const { value, parentElement: label } of this.#boxes)
      label.lastElementChild.textContent = counts[value].toLocaleString();
    const select = byId('context');
    for (const context of [...this.#contexts].slice(select.options.length - 1)) offerContext(context);
    select.value = this.filter.context;
  }

  /** Forgets what another session had. */
  forget() {
    this.#contexts.clear();
    byId('context').length = 1;
    this.offer([]);
  }

  /** Chooses what a link says. */
  read(query) {
    const kinds = query.get('kinds');
    for (const box of this.#boxes) box.checked = kinds === null || kinds.split('.').includes(box.value);
    const level = byId('level');
    level.value = query.get('level') ?? 'verbose';
    if (level.value === '') level.value = 'verbose';
    this.#take();
    this.filter.context = query.get('context') ?? '';
  }

  /** Puts what is chosen into a link. */
  write(query) {
    const { kinds, level, context } = this.filter;
    if (kinds.size < this.#boxes.length) query.set('kinds', [...kinds].join('.'));
    if (level !== 'verbose') query.set('level', level);
    if (context !== '') query.set('context', context);
  }

  #take() {
    this.filter.kinds = new Set(this.#boxes.filter(({ checked }) => checked).map(({ value }) => value));
    this.filter.level = byId('level').value;
    this.filter.context = byId('context').value;
  }
}

function offerContext(context) {
  byId('context').append(element('option', { value: context }, visibleText(context)));
}
