import { ReplyView } from './reply-view.js';

/** The conversation as the session's entries tell it, nothing else: a reload shows the same. */
export class Conversation {
  #root;
  #reply;
  #last = '';

  constructor(root) {
    this.#root = root;
  }

  /** Whether a question is still being answered. */
  get busy() {
    return this.#reply !== undefined;
  }

  /** Takes a chat entry: the user's message, or a chunk of the reply. */
  add(entry) {
    const { context, message, timestamp } = entry;
    this.#last = timestamp;
    if (context === 'user') {
      // Only the last end is told; a reply further up that broke off is known by its missing end token.
      const brokeOff = this.#reply?.complete === false;
      this.#finish();
      if (brokeOff) this.#append('p', 'notice', 'This reply was not completed.');
      this.#append('div', 'question', message);
      this.#openReply();
    } else (this.#reply ?? this.#openReply()).add(entry);
  }

  end({ reason, error }) {
    this.#finish();
    if (reason === 'error')
      this.#append('p', 'notice error', `The reply failed: ${error ?? 'unknown error'}`);
    // The error of a reply that was stopped is why.
    if (reason === 'cancelled')
      this.#append('p', 'notice stopped', `The reply was stopped${error ? `: ${error}` : ''}.`);
  }

  /** Tells what can no longer be shown. */
  gap({ reason, missed }) {
    this.#finish();
    // What follows a position that is not of this log is the log from its start: it is shown anew.
    if (reason === 'malformed' || reason === 'future') this.#root.replaceChildren();
    const what = missed === null ? 'Some entries are' : missed === 1 ? '1 entry is' : `${missed} entries are`;
    this.#append('p', 'notice gap', `${what} missing here: the server no longer holds them.`);
  }

  #openReply() {
    this.#reply = new ReplyView();
    this.#root.append(this.#reply.element);
    return this.#reply;
  }

  #finish() {
    this.#reply?.finish(this.#last);
    if (this.#reply?.element.childNodes.length === 0) this.#reply.element.remove();
    this.#reply = undefined;
  }

  #append(name, className, text) {
    const element = document.createElement(name);
    element.className = className;
    element.textContent = text;
    this.#root.append(element);
  }
}
