import { Conversation } from './conversation.js';
import { LogPanel } from './log-panel.js';
import { SessionNotice } from './session-notice.js';
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
const button = byId('send');
const message = byId('message');
const conversation = new Conversation(byId('conversation'));
const logPanel = new LogPanel(byId('log-panel'));
const notice = new SessionNotice(byId('session-notice'));
const followConversation = stayAtEnd(byId('scroller'), byId('conversation'));
stayAtEnd(byId('log-body'), byId('log'));

/** Tells this browser's other windows that a session goes on. */
const asked = new BroadcastChannel('asked');

let sessionId = new URLSearchParams(location.search).get('session');
let sending = false;
let stopping = false;
let asking = ''; // The question whose session has not shown anything yet.
let shown = false;

const stream = new SessionStream({
  entry(entry) {
    begin();
    if (entry.logType === 'log') logPanel.add(entry);
    else conversation.add(entry);
    refresh();
  },
  gap(gap) {
    begin();
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
    if (name !== 'live') return;
    if (shown) notice.clear();
    else notice.empty();
  },
  refused(status) {
    notice.refused(status);
    // Unless something else is being written, the question is not lost.
    message.value ||= asking;
    asking = '';
    refresh();
  },
});

/** Says that the session shows something. */
function begin() {
  shown = true;
  asking = '';
  notice.clear();
}

/** Shows the session's id, in the page and in its address, and reads the session. */
function open(id) {
  sessionId = id;
  byId('session').textContent = id;
  byId('session').hidden = false;
  byId('welcome').hidden = true;
  history.replaceState(null, '', `?session=${encodeURIComponent(id)}`);
  stream.connect(id);
}

/** One button: it sends, and while a reply runs it stops that. */
function refresh() {
  const stops = conversation.busy;
  const label = stopping ? 'Stopping…' : stops ? 'Stop' : 'Send';
  button.dataset.does = stops ? 'stop' : 'send';
  button.title = stops && !stopping ? 'Stop (Esc)' : label;
  button.setAttribute('aria-label', label);
  const disabled = stops ? stopping : sending || message.value.trim() === '';
  // Who uses the keyboard is not left on a button that can no longer be pressed.
  if (disabled && button.matches(':focus-visible')) message.focus();
  button.disabled = disabled;
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
    asking = text;
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

/** Stops the reply, whichever window asked for it. The page says so once the session has its end. */
async function stop() {
  if (stopping || !conversation.busy) return;
  stopping = true;
  tell('');
  refresh();
  try {
    const response = await fetch(`logs/${encodeURIComponent(sessionId)}/cancel`, { method: 'POST' });
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
  } catch (error) {
    tell(`Not stopped: ${error.message}`);
  } finally {
    stopping = false;
    refresh();
  }
}

function tell(problem) {
  byId('problem').textContent = problem;
  byId('problem').hidden = problem === '';
}

composer.addEventListener('submit', (event) => {
  event.preventDefault();
  // Enter in the message never stops.
  if (event.submitter === button && conversation.busy) void stop();
  else void submit();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !event.isComposing) void stop();
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
else byId('welcome').hidden = false;
