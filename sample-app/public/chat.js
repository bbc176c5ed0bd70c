import { Conversation } from './conversation.js';
import { LogPanel } from './log-panel.js';
import { SessionStream } from './session-stream.js';
import { stayAtEnd } from './stay-at-end.js';

const CONNECTION = {
  connecting: 'Connecting…',
  live: 'Live',
  reconnecting: 'Reconnecting…',
  ended: 'Up to date',
  closed: 'Disconnected',
};

const byId = (id) => document.getElementById(id);
const composer = byId('composer');
const message = byId('message');
const conversation = new Conversation(byId('conversation'));
const logPanel = new LogPanel(byId('log-panel'));
const followConversation = stayAtEnd(byId('scroller'), byId('conversation'));
stayAtEnd(byId('log-body'), byId('log'));

/** Tells this browser's other windows that a session goes on. */
const asked = new BroadcastChannel('asked');

let sessionId = new URLSearchParams(location.search).get('session');
let sending = false;

const stream = new SessionStream({
  entry(entry) {
    if (entry.logType === 'log') logPanel.add(entry);
    else conversation.add(entry);
    refresh();
  },
  gap(gap) {
    conversation.gap(gap);
    refresh();
  },
  end(end) {
    conversation.end(end);
    refresh();
  },
  state(name) {
    byId('connection').dataset.state = name;
    byId('connection').textContent = CONNECTION[name];
  },
});

/** Shows the session's id, in the page and in its address, and reads the session. */
function open(id) {
  sessionId = id;
  byId('session').textContent = id;
  byId('session').hidden = false;
  byId('welcome').hidden = true;
  history.replaceState(null, '', `?session=${encodeURIComponent(id)}`);
  stream.connect(id);
}

function refresh() {
  byId('send').disabled = sending || conversation.busy || message.value.trim() === '';
}

async function send(text) {
  const response = await fetch('chat', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ message: text, ...(sessionId && { sessionId }) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error([answer.message].flat().join('; '));
  return answer.sessionId;
}

async function submit() {
  const text = message.value;
  if (sending || conversation.busy || text.trim() === '') return;
  sending = true;
  refresh();
  try {
    const id = await send(text);
    message.value = '';
    tell('');
    followConversation();
    open(id);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has none
    asked.postMessage(id);
  } catch (error) {
    tell(`Not sent: ${error.message}`);
  } finally {
    sending = false;
    refresh();
  }
}

function tell(problem) {
  byId('problem').textContent = problem;
  byId('problem').hidden = problem === '';
}

composer.addEventListener('submit', (event) => {
  event.preventDefault();
  void submit();
});
message.addEventListener('input', refresh);
message.addEventListener('keydown', (event) => {
  // An Enter that picks a suggestion of an input method does not send.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  composer.requestSubmit();
});
byId('suggestion').addEventListener('click', () => {
  message.value = byId('suggestion').textContent.trim().replace(/\s+/g, ' ');
  void submit();
});

/** After its end a session is not followed any more; these are the moments at which it may have gone on. */
asked.addEventListener('message', ({ data }) => {
  if (data === sessionId) stream.connect(data);
});
window.addEventListener('focus', () => {
  if (sessionId) stream.connect(sessionId);
});

if (sessionId) open(sessionId);
