const EMPTY = 'Nothing in this session yet. Ask something below, or begin a new chat.';

const REFUSALS = {
  400: 'This is not a session id: it has 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ and -. Begin a new chat.',
  401: 'The server wants to know who reads this session (401). Sign in, then reload this page.',
  403:
    'The server does not let this page read the session (403). With NODE_ENV=production it lets nobody until ' +
    'the app gives http.guards or http.authorize to SessionLoggerModule; to try this app, start it without ' +
    'NODE_ENV=production.',
  404: 'The server has no session at this address (404). Begin a new chat.',
};

/** Why a session cannot be read, and what to do. */
export function refusalText(status) {
  return (
    REFUSALS[status] ??
    `This session cannot be read: the server answers ${status}. Reload this page, or begin a new chat.`
  );
}

/** Says in the place of the conversation, or after it, why nothing more is to be seen. */
export class SessionNotice {
  #root;
  #text;

  constructor(root) {
    this.#root = root;
    this.#text = root.querySelector('p');
  }

  empty() {
    this.#show(EMPTY, false);
  }

  refused(status) {
    this.#show(refusalText(status), true);
  }

  clear() {
    this.#root.hidden = true;
  }

  #show(text, isError) {
    this.#text.textContent = text;
    this.#root.dataset.kind = isError ? 'refused' : 'empty';
    this.#root.hidden = false;
    this.#root.scrollIntoView({ block: 'nearest' });
  }
}
