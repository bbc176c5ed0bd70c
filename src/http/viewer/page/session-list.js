import { byId, element } from './element.js';
import { writeLink } from './session-link.js';
import { RefusedError } from './sessions-api.js';
import { agoOf } from './times.js';
import { visibleText } from './visible-text.js';

/** No event tells of sessions that begin or end, so the list is asked for so often, in milliseconds, while it is seen. */
const REFRESH_EVERY = 10_000;

/** The list of sessions, with what became of each. */
export class SessionListView {
  #sessions = [];
  #cursor;
  #pages = 1;
  #chosen = '';
  #asking;
  #isLoaded = false;
  /** Why the list could not be had. */
  #trouble = '';

  constructor(api) {
    this.api = api;
    /** Called with the state of the chosen session each time the list is there. */
    this.onState = () => {};
    byId('session-filter').addEventListener('input', () => this.#render());
    byId('refresh').addEventListener('click', () => void this.refresh());
    byId('more-sessions').addEventListener('click', () => {
      this.#pages++;
      void this.refresh();
    });
    document.addEventListener('visibilitychange', () => this.#wake());
    this.#wake();
  }

  choose(sessionId) {
    this.#chosen = sessionId;
    this.#render();
  }

  /** Asks for all pages that are shown. */
  async refresh() {
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    try {
      await this.#load(asking.signal);
      this.#isLoaded = true;
      this.#trouble = '';
    } catch (error) {
      if (asking.signal.aborted) return;
      this.#trouble = explained(error);
    }
    this.#render();
    const chosen = this.#sessions.find(({ sessionId }) => sessionId === this.#chosen);
    if (chosen !== undefined) this.onState(chosen.state);
  }

  async #load(signal) {
    const sessions = [];
    let cursor;
    for (let page = 0; page < this.#pages; page++) {
      const answer = await this.api.list(cursor, signal);
      sessions.push(...answer.sessions);
      ({ cursor } = answer);
      if (cursor === undefined) break;
    }
    this.#sessions = sessions.toSorted((a, b) => (a.lastAt < b.lastAt ? 1 : -1));
    this.#cursor = cursor;
  }

  #wake() {
    clearInterval(this.timer);
    if (document.hidden) return;
    this.timer = setInterval(() => void this.refresh(), REFRESH_EVERY);
    void this.refresh();
  }

  #render() {
    const filter = byId('session-filter').value.toLowerCase();
    const shown = this.#sessions.filter(({ sessionId }) => sessionId.toLowerCase().includes(filter));
    const list = byId('session-list');
    const focused = list.contains(document.activeElement) ? document.activeElement.hash : undefined;
    list.replaceChildren(...shown.map((session) => this.#item(session)));
    if (focused !== undefined) [...list.querySelectorAll('a')].find(({ hash }) => hash === focused)?.focus();
    byId('more-sessions').hidden = this.#cursor === undefined;
    byId('list-note').textContent = this.#trouble || this.#noteOn(shown.length);
  }

  #noteOn(shown) {
    if (!this.#isLoaded || shown > 0) return '';
    if (this.#sessions.length === 0) return 'No sessions yet.';
    return this.#cursor === undefined ? 'No session matches.' : 'None of the sessions that are here matches.';
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
