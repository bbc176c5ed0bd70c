const TIME = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});

/** The session's log lines. On a narrow screen a bar with the latest line, which opens to all of them. */
export class LogPanel {
  #list;
  #count;
  #latest;

  constructor(root) {
    this.#list = root.querySelector('#log');
    this.#count = root.querySelector('#log-count');
    this.#latest = root.querySelector('#log-latest');
    const toggle = root.querySelector('#log-toggle');
    toggle.addEventListener('click', () => {
      const open = root.dataset.open !== 'true';
      root.dataset.open = String(open);
      toggle.setAttribute('aria-expanded', String(open));
    });
  }

  add(entry) {
    this.#list.append(lineOf(entry));
    this.#count.textContent = String(this.#list.childElementCount);
    this.#latest.textContent = entry.message;
  }
}

function lineOf({ timestamp, level = 'log', context, message, data }) {
  const line = element('li', 'line');
  line.dataset.level = level;
  const time = element('time', 'time', TIME.format(new Date(timestamp)));
  time.dateTime = timestamp;
  line.append(time, element('span', 'level', level), element('span', 'context', context ?? ''));
  line.append(element('span', 'message', message));
  if (data) line.append(dataOf(data));
  return line;
}

function dataOf(data) {
  const list = element('span', 'data');
  for (const [key, value] of Object.entries(data)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    list.append(element('span', 'key', key), element('span', 'value', text));
  }
  return list;
}

function element(name, className, text = '') {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
