import { MarkdownView } from './markdown-view.js';

const START = '<start>';
const END = '</end>';
const THINK = '<think>';
const THINK_END = '</think>';
const TOKENS = new Set([START, END, THINK, THINK_END]);

/** One reply: its reasoning, folded once it is complete, and its answer. */
export class ReplyView {
  element = document.createElement('article');
  /** Whether the token that ends a reply has come. */
  complete = false;
  #reasoning;
  #answer;

  constructor() {
    this.element.className = 'reply';
    this.element.setAttribute('aria-label', 'Reply');
    this.element.setAttribute('aria-busy', 'true'); // Read out when it is complete, not word by word.
    this.#state('waiting');
  }

  /** Takes the next chunk. A token is one of its own; what only looks like one is marked as `literal`. */
  add({ message, data, timestamp }) {
    if (!TOKENS.has(message) || data?.literal) this.#write(message);
    else if (message === END) this.complete = true;
    else if (message === THINK) this.#think(timestamp);
    else if (message === THINK_END) this.#endThinking(timestamp);
  }

  /** Says that nothing more will come. */
  finish(timestamp) {
    this.#fold(timestamp);
    this.#answer?.finish();
    this.element.setAttribute('aria-busy', 'false');
    this.#state('done');
  }

  #write(text) {
    if (this.#reasoning) this.#reasoning.write(text);
    else if (this.#answer || text.trim() !== '') this.#answerView().append(text);
  }

  #think(timestamp) {
    this.#fold(timestamp);
    this.#answer?.finish();
    this.#answer = undefined;
    this.#reasoning = new ReasoningView(timestamp);
    this.element.append(this.#reasoning.element);
    this.#state('thinking');
  }

  /** Where the token that began the reasoning is missing, in a gap, all before this one was reasoning. */
  #endThinking(timestamp) {
    if (!this.#reasoning && this.#answer) {
      const text = this.#answer.text;
      this.element.lastChild.remove();
      this.#think(timestamp);
      this.#reasoning.write(text);
    }
    this.#fold(timestamp);
  }

  #fold(timestamp) {
    this.#reasoning?.fold(timestamp);
    this.#reasoning = undefined;
  }

  #answerView() {
    if (!this.#answer) {
      const root = document.createElement('div');
      root.className = 'answer';
      this.element.append(root);
      this.#answer = new MarkdownView(root);
      this.#state('answering');
    }
    return this.#answer;
  }

  #state(name) {
    this.element.dataset.state = name;
  }
}

/** Reasoning: open while the model thinks, folded under its duration afterwards. */
class ReasoningView {
  element = document.createElement('details');
  #summary = document.createElement('summary');
  #text = document.createTextNode('');
  #began;

  constructor(timestamp) {
    this.#began = Date.parse(timestamp);
    this.#summary.textContent = 'Thinking…';
    const body = document.createElement('div');
    body.className = 'thoughts';
    body.append(this.#text);
    this.element.className = 'reasoning';
    this.element.open = true;
    this.element.append(this.#summary, body);
  }

  write(text) {
    this.#text.appendData(this.#text.length === 0 ? text.trimStart() : text);
  }

  fold(timestamp) {
    const seconds = (Date.parse(timestamp) - this.#began) / 1000;
    this.#summary.textContent = seconds > 0 ? `Thought for ${seconds.toFixed(1)} s` : 'Thoughts';
    this.element.open = false;
  }
}
