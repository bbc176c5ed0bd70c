import { byId, element } from './element.js';
import { writeLink } from './session-link.js';
import { RefusedError } from './sessions-api.js';
import { agoOf } from './times.js';
import { visibleText } from './visible-text.js';

/** No event tells of sessions that begin or end, so the list is asked for so often, in milliseconds, while it is seen. */
const REFRESH_EVERY = 10_000;
/** How many times as long as asking took it waits, so that a long list is no burden, and how long at the most. */
const REST = 50;
const LONGEST_REST = 60_000;
/** Pages of 1,000 sessions that are asked for: they come in no order, and the newest are to be found. */
const MOST_PAGES = 10;
/** Sessions that are shown, and how many more at each wish. */
const SHOWN = 200;

/** The list of sessions, with what became of each. */
export class SessionListView {
  #sessions = [];
  #isWhole = true;
  #most = SHOWN;
  #chosen = '';
  #asking;
  #isLoaded = false;
  /** Why the list could not be had. */
  #trouble = '';

  constructor(api) {
    this.api = api;
    /** Called with the state of the chosen session each time the list is there. */
    this.onState = () => {};
    byId('session-filter').addEventListener('input', () => {
      this.#most = SHOWN;
      this.#render();
    });
    byId('refresh').addEventListener('click', () => void this.refresh());
    byId('more-sessions').addEventListener('click', () => {
      this.#most += SHOWN;
      this.#render();
    });
    document.addEventListener('visibilitychange', () => this.#wake());
    this.#wake();
  }

  choose(sessionId) {
    this.#chosen = sessionId;
    this.#render();
  }

  async refresh() {
    clearTimeout(this.timer);
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    const since = performance.now();
    try {
      await this.#load(asking.signal);
      this.#isLoaded = true;
      this.#trouble = '';
    } catch (error) {
      if (asking.signal.aborted) return;
      this.#trouble = explained(error);
    }
    const rest = this.#trouble === '' ? REST * (performance.now() - since) : 0;
    this.#refreshIn(Math.max(REFRESH_EVERY, Math.min(rest, LONGEST_REST)));
    this.#render();
    const chosen = this.#sessions.find(({ sessionId }) => sessionId === this.#chosen);
    if (chosen !== undefined) this.onState(chosen.state);
  }

  async #load(signal) {
    const sessions = [];
    let cursor;
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await this.api.list(cursor, signal);
      sessions.push(...answer.sessions);
      ({ cursor } = answer);
      if (cursor === undefined) break;
    }
    this.#sessions = sessions.toSorted((a, b) => (a.lastAt < b.lastAt ? 1 : -1));
    this.#isWhole = cursor === undefined;
  }

  #refreshIn(wait) {
    clearTimeout(this.timer);
    if (!document.hidden) this.timer = setTimeout(() => void this.refresh(), wait);
  }

  #wake() {
    clearTimeout(this.timer);
    if (!document.hidden) void this.refresh();
  }

  #render() {
    const filter = byId('session-filter').value.toLowerCase();
    const found = this.#sessions.filter(({ sessionId }) => sessionId.toLowerCase().includes(filter));
    const list = byId('session-list');
    const focused = list.contains(document.activeElement) ? document.activeElement.hash : undefined;
    list.replaceChildren(...found.slice(0, this.#most).map((session) => this.#item(session)));
    if (focused !== undefined) [...list.querySelectorAll('a')].find(({ hash }) => hash === focused)?.focus();
    byId('more-sessions').hidden = found.length <= this.#most;
    byId('list-note').textContent = this.#trouble || this.#noteOn(found.length);
  }

  #noteOn(found) {
    if (!this.#isLoaded) return '';
    if (!this.#isWhole)
      return `There are more than these ${this.#sessions.length.toLocaleString()}: open others by their address.`;
    if (found > 0) return '';
    return this.#sessions.length === 0 ? 'No sessions yet.' : 'No session matches.';
  }

  #item({ sessionId, state, entries, lastAt, readers }) {
    const isChosen = sessionId === this.#chosen;
    const details = `${entries.toLocaleString()} ${entries === 1 ? 'entry' : 'entries'}`;
    const watched = readers === 0 ? '' : ` · ${readers} reading`;
    const link = element(
      'a',
      { href: writeLink(sessionId), 'aria-current': isChosen ? 'page' : undefined },
      element('span', { className: 'dot', 'data-state': state, title: state }),
      element('span', { className: 'id', dir: 'auto' }, visibleText(sessionId)),
      element('span', { className: 'ago' }, agoOf(lastAt)),
      element(
        'span',
        { className: 'details' },
        `${state === 'open' ? 'live' : state} · ${details}${watched}`,
      ),
    );
    return element('li', {}, link);
  }
}

function explained(error) {
  if (!(error instanceof RefusedError)) return 'The server cannot be reached. It is tried again.';
  if (error.status === 404) return 'The list is off: set http.list to true.';
  if (error.status === 401 || error.status === 403) return 'You may not list sessions.';
  return `${error.message}. It is tried again.`;
}
