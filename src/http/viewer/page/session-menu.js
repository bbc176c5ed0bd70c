import { download } from './download.js';
import { byId } from './element.js';

/** For how long a button says what it did, in milliseconds. */
const SAID_FOR = 2_000;

/**
 * What can be done with a session: jump to a time, copy a link, download it.
 *
 * @param api asked for what is downloaded
 * @param session `id`; `link` to what is seen of it; `jump(time)`
 */
export function listenToMenu(api, session) {
  const menu = byId('menu');
  document.addEventListener('click', ({ target }) => {
    if (!menu.contains(target)) menu.open = false;
  });
  menu.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return;
    menu.open = false;
    menu.querySelector('summary').focus();
  });
  byId('jump').addEventListener('change', () => {
    menu.open = false;
    session.jump(byId('jump').value);
  });
  onClick('copy', 'Copied', () => copy(session.link));
  for (const format of ['ndjson', 'text'])
    onClick(`download-${format}`, 'Downloaded', () => download(api, session.id, format));
}

/** Pages without TLS have no clipboard. */
async function copy(text) {
  if (navigator.clipboard === undefined) throw new DOMException('There is no clipboard', 'NotAllowedError');
  await navigator.clipboard.writeText(text);
}

/** The button says for a while whether what it does was done. */
function onClick(id, done, work) {
  const button = byId(id);
  const { textContent } = button;
  let timer;
  const say = (text) => {
    clearTimeout(timer);
    button.textContent = text;
    timer = setTimeout(() => (button.textContent = textContent), SAID_FOR);
  };
  button.addEventListener('click', () => {
    work().then(
      () => say(done),
      (error) => say(error.name === 'NotAllowedError' ? 'Not allowed here' : error.message),
    );
  });
}
