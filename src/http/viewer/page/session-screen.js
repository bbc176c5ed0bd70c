import { byId } from './element.js';
import { EntryFilter } from './entry-filter.js';
import { EntryRows } from './entry-rows.js';
import { EntrySearch } from './entry-search.js';
import { FilterBar } from './filter-bar.js';
import { SessionFollow } from './session-follow.js';
import { writeLink } from './session-link.js';
import { listenToMenu } from './session-menu.js';
import { VirtualList } from './virtual-list.js';
import { visibleText } from './visible-text.js';

/** Of segments; all else tells of the session and its connection. */
const KINDS = new Set(['text', 'reasoning', 'tool', 'log']);

/** One session: its entries live, and what chooses among them. */
export class SessionScreen {
  #filter = new EntryFilter();
  #bar = new FilterBar(this.#filter);
  #rows = new EntryRows(this.#filter);
  #list = new VirtualList(byId('entries'), byId('rows'), this.#rows);
  #search = new EntrySearch(this.#list, this.#filter);
  #follow;
  #sessionId = '';
  #isLive = false;
  /** What is told of the session and its connection. */
  #status = '';
  #isPaused = false;
  #isDue = false;
  /** Items that there were when it was paused, or was no longer followed. */
  #seen = 0;
  #all = [];
  /** Items that there were when it was paused. */
  #held = [];
  /** A time to go to as soon as what was logged then is there. */
  #jumpTo;

  constructor(api) {
    this.api = api;
    /** Called when the session has ended. */
    this.onEnd = () => {};
    listenToMenu(api, this);
    this.#bar.onChange = () => {
      this.#filtered();
      this.#keepLink();
    };
    this.#search.onChange = () => this.#keepLink();
    this.#rows.onChange = () => this.#list.redraw();
    this.#list.onFollow = () => this.#left();
    byId('pause').addEventListener('click', () => this.#pause());
    byId('follow').addEventListener('click', () => this.#list.follow());
  }

  /** Shows a session; empty shows none. `query` is of a link. */
  open(sessionId, query) {
    this.#bar.read(query);
    this.#search.text = query.get('q') ?? '';
    const at = query.get('at') ?? undefined;
    if (sessionId === this.#sessionId) {
      this.#jumpTo = at;
      return this.#filtered();
    }
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
    this.#bar.forget();
    this.#list.follow(at === undefined);
    this.#jumpTo = at;
    this.#follow = new SessionFollow(this.api.streamOf(sessionId), {
      change: () => this.#due(),
      state: (name, text, reason) => this.#tell(name, text, reason),
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
      n: () => this.#search.goOn(1),
      N: () => this.#search.goOn(-1),
      j: () => this.#move(1),
      k: () => this.#move(-1),
      o: () => this.#toggle(),
      g: () => this.#show(0),
      G: () => this.#list.follow(),
      f: () => this.#list.follow(),
      p: () => this.#pause(),
    };
  }

  get id() {
    return this.#sessionId;
  }

  /** The address of what is seen. */
  get link() {
    const url = new URL(location.href);
    const query = this.#query();
    const current = this.#list.isFollowing ? undefined : this.#list.items[this.#list.current];
    if (current !== undefined) query.set('at', current.timestamp);
    url.hash = writeLink(this.#sessionId, query);
    return url.href;
  }

  /** Shows the first entry since a time, else the last one. */
  jump(time) {
    const since = Date.parse(time);
    if (Number.isNaN(since)) return;
    // What is told of the connection bears the time at which that was.
    const index = this.#list.items.findIndex(
      ({ kind, timestamp }) => KINDS.has(kind) && Date.parse(timestamp) >= since,
    );
    this.#show(index === -1 ? this.#list.items.length - 1 : index);
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
    this.#bar.offer(this.#all);
  }

  #filtered() {
    const items = this.#isPaused ? this.#held : this.#all;
    const shown = items.filter((item) => this.#filter.shows(item));
    this.#list.setItems(shown);
    byId('empty').hidden = shown.length > 0;
    byId('empty').textContent =
      items.length > 0 ? 'No entry matches the filters.' : 'Nothing has been logged yet.';
    this.#search.count();
    // A long session comes by and by.
    const last = shown.findLast(({ kind }) => KINDS.has(kind));
    if (this.#jumpTo !== undefined && Date.parse(last?.timestamp) >= Date.parse(this.#jumpTo)) {
      this.jump(this.#jumpTo);
      this.#jumpTo = undefined;
    }
  }

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

  #pause() {
    this.#isPaused = !this.#isPaused;
    const button = byId('pause');
    button.setAttribute('aria-pressed', String(this.#isPaused));
    this.#held = this.#isPaused ? this.#all : [];
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
    byId('pause').textContent = this.#isPaused ? `Resume${more}` : 'Pause';
    byId('status').textContent = visibleText(
      this.#isPaused && this.#isLive ? `${this.#status} · paused` : this.#status,
    );
    byId('pause').hidden = !this.#isLive && !this.#isPaused;
    byId('follow').hidden = isFollowing || this.#isPaused || (!this.#isLive && this.#list.isAtEnd);
    byId('follow').textContent = `↓ ${this.#isLive ? 'Follow' : 'To the end'}${more}`;
  }

  #tell(name, text, reason = '') {
    const status = byId('status');
    status.dataset.state = name;
    status.dataset.reason = reason;
    this.#status = text;
    this.#isLive = name !== 'ended' && name !== 'refused';
    this.#left();
    if (name === 'ended') this.onEnd();
  }

  /** In the address, so that it is kept by a reload. */
  #keepLink() {
    history.replaceState(null, '', writeLink(this.#sessionId, this.#query()));
  }

  #query() {
    const query = new URLSearchParams();
    this.#bar.write(query);
    if (this.#search.text !== '') query.set('q', this.#search.text);
    return query;
  }
}
