import { byId } from './element.js';
import { readLink } from './session-link.js';
import { SessionListView } from './session-list.js';
import { SessionScreen } from './session-screen.js';
import { SessionsApi } from './sessions-api.js';

const api = new SessionsApi(new URL(document.documentElement.dataset.logs, location.href).href);
const sessions = new SessionListView(api);
const screen = new SessionScreen(api);
sessions.onState = (state) => screen.told(state);
screen.onEnd = () => void sessions.refresh();

/** Shows what the address names. */
function route() {
  const { sessionId, query } = readLink(location.hash);
  document.body.dataset.screen = sessionId === '' ? 'list' : 'session';
  document.title = sessionId === '' ? 'Session logs' : `${sessionId} · Session logs`;
  sessions.choose(sessionId);
  screen.open(sessionId, query);
}

const KEYS_OFF = 'session-logs.keys-off';
const keysOn = byId('keys-on');
/** Null where the browser lets pages keep nothing. */
const storage = storageOf();
keysOn.checked = (storage?.getItem(KEYS_OFF) ?? null) === null;
keysOn.addEventListener('change', () => {
  if (keysOn.checked) storage?.removeItem(KEYS_OFF);
  else storage?.setItem(KEYS_OFF, '1');
});

function storageOf() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

const help = byId('help');
byId('help-button').addEventListener('click', () => help.showModal());
byId('back').addEventListener('click', () => (location.hash = '#/'));

const COMMON_KEYS = {
  '?': () => help.showModal(),
  s: () => byId('session-filter').focus(),
};

document.addEventListener('keydown', (event) => {
  const { key, target } = event;
  const isTyping = target.matches('input:not([type=checkbox]), select, textarea');
  if (key === 'Escape' && isTyping) return byId('entries').focus();
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !keysOn.checked || help.open)
    return undefined;
  const action =
    COMMON_KEYS[key] ?? (document.body.dataset.screen === 'session' ? screen.keys[key] : undefined);
  if (action === undefined) return undefined;
  event.preventDefault();
  return action();
});

addEventListener('hashchange', route);
route();
