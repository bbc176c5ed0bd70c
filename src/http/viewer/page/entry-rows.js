import { element } from './element.js';
import { clockOf } from './times.js';
import { appendText, visibleText } from './visible-text.js';

/** Characters that are shown of a text until all of it is asked for. */
const SHOWN = { text: 20_000, reasoning: 20_000, tool: 5_000, log: 2_000 };
/** Of a value as JSON. */
const SHOWN_OF_VALUE = 5_000;
const SHOWN_OF_PREVIEW = 120;
/** Pixels, as a guess for rows that were never seen. */
const LINE = 22;
const CHARACTERS_A_LINE = 90;

/** Makes the rows of a session's items. All that was logged becomes text nodes. */
export class EntryRows {
  /** Keys of those that are open, and of those shown whole. */
  #open = new Set();
  #whole = new Set();

  /** @param filter knows what is searched */
  constructor(filter) {
    this.filter = filter;
    /** Called when a row is to be drawn anew. */
    this.onChange = () => {};
  }

  guess({ kind, text = '' }) {
    if (kind !== 'text') return 30;
    return 44 + LINE * Math.ceil(Math.min(text.length, SHOWN.text) / CHARACTERS_A_LINE);
  }

  create({ kind, context }) {
    const isUser = kind === 'text' && context === 'user';
    return element('li', { className: 'row', 'data-kind': isUser ? 'user' : kind });
  }

  update(row, item) {
    row.classList.toggle('found', this.filter.finds(item));
    row.classList.toggle('current', item.key === this.filter.current);
    if (item.level !== undefined) row.dataset.level = item.level;
    const isWithin = row !== document.activeElement && row.contains(document.activeElement);
    row.replaceChildren(
      // When a session ended is not told; that one has heard of it now says nothing.
      item.kind === 'end'
        ? ''
        : element('time', { dateTime: item.timestamp, title: item.timestamp }, clockOf(item.timestamp)),
      this.#body(item),
    );
    // Who uses the keyboard goes on from where it was.
    if (isWithin) (row.querySelector('.fold') ?? row).focus({ preventScroll: true });
  }

  /** Of another session nothing is open. */
  forget() {
    this.#open.clear();
    this.#whole.clear();
  }

  /** Opens or folds the item, where it can be. */
  toggle({ key, kind }) {
    if (kind !== 'reasoning' && kind !== 'tool' && kind !== 'log') return;
    if (!this.#open.delete(key)) this.#open.add(key);
    this.onChange();
  }

  #body(item) {
    if (item.kind === 'reasoning') return this.#reasoning(item);
    if (item.kind === 'tool') return this.#tool(item);
    if (item.kind === 'log') return this.#line(item);
    if (item.kind === 'text') return this.#said(item);
    return element('p', { className: 'notice', 'data-tone': item.tone }, this.#text(item, 'span', ''));
  }

  #said(item) {
    const who = item.context === 'user' ? 'User' : (item.context ?? 'Assistant');
    const said = this.#text(item, 'div', 'said');
    if (!item.complete) said.append(element('span', { className: 'cursor' }));
    return element(
      'div',
      { className: 'body' },
      element('span', { className: 'who' }, this.#text({ text: who }, 'span', '')),
      said,
    );
  }

  #reasoning(item) {
    const title = item.complete ? 'Thought' : 'Thinking…';
    const hint = `${item.text.length.toLocaleString()} characters`;
    return this.#fold(item, [title, hint], () => [this.#text(item, 'div', 'said soft')]);
  }

  #tool(item) {
    const state = toolState(item);
    const name = element('code', { className: 'tool-name' });
    appendText(name, item.toolName ?? 'tool', this.filter.query);
    const head = [
      name,
      element('span', { className: 'state', 'data-state': state }, state),
      preview(item.input ?? item.text),
    ];
    return this.#fold(item, head, () => [
      this.#value(item, 'Arguments', item.input ?? item.text),
      item.output === undefined ? undefined : this.#value(item, 'Result', item.output),
      item.error === undefined ? undefined : this.#value(item, 'Error', item.error),
    ]);
  }

  #line(item) {
    const level = item.level ?? 'log';
    const said = element('div', { className: 'content' }, this.#text(item, 'span', 'message'));
    const line = element(
      'div',
      { className: 'line' },
      element('span', { className: 'level', 'data-level': level }, level),
      item.context === undefined ? undefined : this.#context(item.context),
      said,
    );
    if (item.data === undefined) return element('div', { className: 'body' }, line);
    const body = this.#fold(item, [preview(item.data)], () => [this.#value(item, 'Data', item.data)]);
    said.append(' ', body.firstChild);
    body.prepend(line);
    return body;
  }

  #context(text) {
    const made = this.#text({ text }, 'span', 'context');
    made.title = visibleText(text);
    return made;
  }

  #fold(item, head, content) {
    const isOpen = this.#open.has(item.key);
    const button = element(
      'button',
      {
        type: 'button',
        className: 'fold',
        'aria-expanded': String(isOpen),
        onclick: () => this.toggle(item),
      },
      ...head.map((part) => (typeof part === 'string' ? element('span', {}, part) : part)),
    );
    const body = element('div', { className: 'body' }, button);
    if (isOpen) body.append(element('div', { className: 'folded' }, ...content().filter(Boolean)));
    return body;
  }

  #text({ key, kind, text, complete }, tag, className) {
    const made = element(tag, { className, dir: 'auto' });
    const most = complete === false ? Infinity : (SHOWN[kind] ?? Infinity);
    // Models often begin with empty lines.
    return this.#shorten(made, key, text.replace(/^\n+/, ''), most);
  }

  #value({ key }, label, value) {
    const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
    const shown = element('pre', { dir: 'auto', tabIndex: 0, 'aria-label': label });
    const part = this.#shorten(shown, `${key} ${label}`, text, SHOWN_OF_VALUE);
    return element('div', { className: 'value' }, element('span', { className: 'label' }, label), part);
  }

  /** The text, or its beginning and a button that shows the rest. */
  #shorten(parent, key, text, most) {
    const isWhole = text.length <= most || this.#whole.has(key);
    appendText(parent, isWhole ? text : text.slice(0, most), this.filter.query);
    if (isWhole) return parent;
    const showAll = (event) => {
      event.stopPropagation();
      this.#whole.add(key);
      this.onChange();
    };
    const label = `Show all ${text.length.toLocaleString()} characters`;
    const more = element('button', { type: 'button', className: 'all', onclick: showAll }, label);
    return element('div', { className: 'shortened' }, parent, more);
  }
}

/** The beginning of a value, in one line. */
function preview(value) {
  const shown = oneLineOf(value).slice(0, SHOWN_OF_PREVIEW).replaceAll('\n', ' ');
  return element('span', { className: 'preview', dir: 'auto' }, visibleText(shown));
}

function oneLineOf(value) {
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return JSON.stringify(value);
  return Object.entries(value)
    .map(([key, part]) => `${key}=${isWord(part) ? part : JSON.stringify(part)}`)
    .join(' ');
}

/** Whether it can do without quotes. */
function isWord(value) {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value);
}

function toolState({ complete, output, error }) {
  if (error !== undefined) return 'failed';
  if (output !== undefined) return 'returned';
  return complete ? 'called' : 'calling…';
}
