const LEVELS = ['verbose', 'debug', 'log', 'warn', 'error', 'fatal'];

/** Which items of a session are shown, and which are found. */
export class EntryFilter {
  /** Kinds of segments that are shown. */
  kinds = new Set(['text', 'reasoning', 'tool', 'log']);
  /** The least severe level of log lines. */
  level = 'verbose';
  /** The only context; empty for all. */
  context = '';
  /** What is searched, in lower case. */
  query = '';
  /** Key of the match that was gone to. */
  current = '';
  #found = new WeakMap();

  /** Notices are always shown. */
  shows({ kind, level, context }) {
    if (kind === 'gap' || kind === 'notice' || kind === 'end') return true;
    if (!this.kinds.has(kind)) return false;
    if (this.context !== '' && context !== this.context) return false;
    return kind !== 'log' || LEVELS.indexOf(level ?? 'log') >= LEVELS.indexOf(this.level);
  }

  search(query) {
    this.query = query.toLowerCase();
    this.current = '';
    this.#found = new WeakMap();
  }

  /** Whether what is searched stands in it; remembered, as an item that has changed is another object. */
  finds(item) {
    if (this.query === '') return false;
    let isFound = this.#found.get(item);
    if (isFound === undefined) {
      isFound = searched(item).includes(this.query);
      this.#found.set(item, isFound);
    }
    return isFound;
  }
}

function searched({ text, context, level, toolName, input, output, error, data }) {
  const parts = [text, context, level, toolName, error];
  for (const value of [input, output, data]) if (value !== undefined) parts.push(JSON.stringify(value));
  return parts.join('\n').toLowerCase();
}
