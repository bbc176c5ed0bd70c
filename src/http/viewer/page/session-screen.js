import { download } from './download.js';
import { byId, element } from './element.js';
import { EntryFilter } from './entry-filter.js';
import { EntryRows } from './entry-rows.js';
import { SessionFollow } from './session-follow.js';
import { VirtualList } from './virtual-list.js';
import { visibleText } from './visible-text.js';

/** One session: its entries live, and what chooses among them. */
export class SessionScreen {
  #filter = new EntryFilter();
  #rows = new EntryRows(this.#filter);
  #list = new VirtualList(byId('entries'), byId('rows'), this.#rows);
  #follow;
  #sessionId = '';
  #isPaused = false;
  #isDue = false;
  /** Items that there were when it was paused, or was no longer followed. */
  #seen = 0;
  #all = [];

  constructor(api) {
    this.api = api;
    this.#rows.onChange = () => this.#list.redraw();
    this.#list.onFollow = () => this.#left();
    this.#listen();
  }

  /** Shows a session; empty shows none. `query` is of a link. */
  open(sessionId, query) {
    this.#readQuery(query);
    if (sessionId === this.#sessionId) return this.#filtered();
    this.#follow?.stop();
    this.#sessionId = sessionId;
    this.#isPaused = false;
    this.#seen = 0;
    this.#all = [];
    byId('title').textContent = visibleText(sessionId);
    byId('session').hidden = sessionId === '';
    byId('welcome').hidden = sessionId !== '';
    this.#tell('none', '');
    if (sessionId === '') return;
    this.#list.setItems([]);
    this.#rows.forget();
    this.#list.follow(query.get('at') === null);
    this.#jumpTo = query.get('at') ?? undefined;
    this.#follow = new SessionFollow(this.api.streamOf(sessionId), {
      change: () => this.#due(),
      state: (name, text) => this.#tell(name, text),
    });
  }

  /** What the list says of the session: one that was ended may go on. */
  told(state) {
    if (state === 'open') this.#follow?.resume();
  }

  /** The keys that do something here. */
  get keys() {
    return {
      '/': () => byId('search').focus(),
      n: () => this.#findNext(1),
      N: () => this.#findNext(-1),
      j: () => this.#move(1),
      k: () => this.#move(-1),
      o: () => this.#toggle(),
      g: () => this.#show(0),
      G: () => this.#list.follow(),
      f: () => this.#list.follow(),
      p: () => this.#pause(),
    };
  }

  #jumpTo;

  #listen() {
    for (const box of document.querySelectorAll('.kinds input'))
      box.addEventListener('change', () => this.#chosen());
    for (const id of ['level', 'context']) byId(id).addEventListener('change', () => this.#chosen());
    byId('search').addEventListener('input', () => this.#searched());
    byId('search').addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.#findNext(event.shiftKey ? -1 : 1, false);
    });
    byId('previous').addEventListener('click', () => this.#findNext(-1));
    byId('next').addEventListener('click', () => this.#findNext(1));
    byId('jump').addEventListener('change', () => this.#jump(byId('jump').value));
    const menu = byId('menu');
    document.addEventListener('click', ({ target }) => {
      if (!menu.contains(target)) menu.open = false;
    });
    menu.addEventListener('keydown', ({ key }) => {
      if (key !== 'Escape') return;
      menu.open = false;
      menu.querySelector('summary').focus();
    });
    byId('pause').addEventListener('click', () => this.#pause());
    byId('follow').addEventListener('click', () => this.#list.follow());
    byId('copy').addEventListener('click', () => void this.#copy());
    for (const format of ['ndjson', 'text'])
      byId(`download-${format}`).addEventListener('click', () => void this.#download(format));
  }

  #due() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#refresh();
    });
  }

  #refresh() {
    this.#all = this.#follow.timeline.items();
    if (!this.#isPaused) this.#filtered();
    this.#left();
    this.#offerContexts();
  }

  #filtered() {
    const shown = this.#all.filter((item) => this.#filter.shows(item));
    this.#list.setItems(shown);
    byId('empty').hidden = shown.length > 0;
    byId('empty').textContent =
      this.#all.length > 0 ? 'Nothing of what there is is chosen.' : 'Nothing was logged yet.';
    this.#count();
    // A long session comes by and by.
    if (this.#jumpTo !== undefined && Date.parse(shown.at(-1)?.timestamp) >= Date.parse(this.#jumpTo)) {
      this.#jump(this.#jumpTo);
      this.#jumpTo = undefined;
    }
  }

  /** What there is to choose grows with what comes. */
  #offerContexts() {
    const select = byId('context');
    const known = new Set([...select.options].map(({ value }) => value));
    for (const { context } of this.#all) {
      if (context === undefined || known.has(context) || known.size > 200) continue;
      known.add(context);
      select.append(element('option', { value: context }, visibleText(context)));
    }
    select.value = this.#filter.context;
  }

  #chosen() {
    this.#readKindsAndLevel();
    this.#filter.context = byId('context').value;
    this.#filtered();
    this.#writeQuery();
  }

  #readKindsAndLevel() {
    const checked = document.querySelectorAll('.kinds input:checked');
    this.#filter.kinds = new Set([...checked].map(({ value }) => value));
    this.#filter.level = byId('level').value;
  }

  #searched() {
    this.#filter.search(byId('search').value.trim());
    this.#list.redraw();
    this.#count();
    this.#writeQuery();
  }

  #matches() {
    const places = [];
    for (const [index, item] of this.#list.items.entries()) if (this.#filter.finds(item)) places.push(index);
    return places;
  }

  #count(place) {
    const places = this.#filter.query === '' ? undefined : this.#matches();
    const number = place === undefined ? '' : `${places.indexOf(place) + 1} of `;
    byId('matches').textContent = places === undefined ? '' : `${number}${places.length.toLocaleString()}`;
  }

  #findNext(step, takesFocus = true) {
    const places = this.#matches();
    if (places.length === 0) return;
    const { current } = this.#list;
    const from = this.#lastFound ?? (step > 0 ? current - 1 : current + 1);
    const next = step > 0 ? places.find((place) => place > from) : places.findLast((place) => place < from);
    const place = next ?? places.at(step > 0 ? 0 : -1);
    this.#list.show(place);
    this.#lastFound = place;
    if (!takesFocus) byId('search').focus({ preventScroll: true });
    this.#count(place);
  }

  #lastFound;

  #move(step) {
    const isFocused = document.activeElement?.closest?.('[data-key]') !== null;
    this.#show(this.#list.current + (isFocused ? step : 0));
  }

  #show(index) {
    const last = this.#list.items.length - 1;
    if (last >= 0) this.#list.show(Math.min(Math.max(index, 0), last));
  }

  #toggle() {
    const item = this.#list.items[this.#list.current];
    if (item !== undefined) this.#rows.toggle(item);
  }

  #jump(value) {
    const time = Date.parse(value);
    if (Number.isNaN(time)) return;
    const index = this.#list.items.findIndex(({ timestamp }) => Date.parse(timestamp) >= time);
    this.#show(index === -1 ? this.#list.items.length - 1 : index);
  }

  #pause() {
    this.#isPaused = !this.#isPaused;
    const button = byId('pause');
    button.setAttribute('aria-pressed', String(this.#isPaused));
    if (this.#isPaused) this.#seen = this.#all.length;
    else this.#filtered();
    this.#left();
  }

  /** Tells how much has come since one looked. */
  #left() {
    const { isFollowing } = this.#list;
    if (isFollowing && !this.#isPaused) this.#seen = this.#all.length;
    const count = Math.max(this.#all.length - this.#seen, 0);
    const more = count === 0 ? '' : ` · ${count.toLocaleString()} new`;
    byId('pause').textContent = this.#isPaused ? `Go on${more}` : 'Pause';
    byId('follow').hidden = isFollowing || this.#isPaused;
    byId('follow').textContent = `↓ Follow${more}`;
  }

  #tell(name, text) {
    const status = byId('status');
    status.dataset.state = name;
    status.textContent = visibleText(text);
  }

  async #copy() {
    const current = this.#list.isFollowing ? undefined : this.#list.items[this.#list.current];
    const url = new URL(location.href);
    const query = this.#query();
    if (current !== undefined) query.set('at', current.timestamp);
    url.hash = hashOf(this.#sessionId, query);
    await this.#said(byId('copy'), 'Copied', () => navigator.clipboard.writeText(url.href));
  }

  async #download(format) {
    const button = byId(`download-${format}`);
    await this.#said(button, 'Downloaded', () => download(this.api, this.#sessionId, format));
  }

  /** Says for a while on a button whether what it does was done. */
  async #said(button, done, work) {
    const { textContent } = button;
    let text = done;
    try {
      await work();
    } catch (error) {
      text = error instanceof DOMException || error instanceof TypeError ? 'Not allowed here' : error.message;
    }
    button.textContent = text;
    setTimeout(() => (button.textContent = textContent), 2_000);
  }

  #query() {
    const { kinds, level, context } = this.#filter;
    const query = new URLSearchParams();
    if (kinds.size < 4) query.set('kinds', [...kinds].join('.'));
    if (level !== 'verbose') query.set('level', level);
    if (context !== '') query.set('context', context);
    const search = byId('search').value.trim();
    if (search !== '') query.set('q', search);
    return query;
  }

  /** In the address, so that it is kept by a reload and a link. */
  #writeQuery() {
    this.#lastFound = undefined;
    history.replaceState(null, '', hashOf(this.#sessionId, this.#query()));
  }

  #readQuery(query) {
    const kinds = query.get('kinds');
    for (const box of document.querySelectorAll('.kinds input'))
      box.checked = kinds === null || kinds.split('.').includes(box.value);
    byId('level').value = query.get('level') ?? 'verbose';
    if (byId('level').value === '') byId('level').value = 'verbose';
    byId('search').value = query.get('q') ?? '';
    this.#readKindsAndLevel();
    this.#filter.context = query.get('context') ?? '';
    this.#filter.search(byId('search').value.trim());
    this.#list.redraw();
  }
}

/** The part of an address that names a session and what is shown of it. */
function hashOf(sessionId, query) {
  const text = query.toString();
  return `#/${encodeURIComponent(sessionId)}${text === '' ? '' : `?${text}`}`;
}
