/** Line breaks and tabs are kept, and the joiners that emoji are made of. */
const UNSEEN =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Text as it is shown: what a screen would obey, or not show, is written out. */
export function visibleText(text) {
  return text.replaceAll('\r\n', '\n').replace(UNSEEN, written);
}

/** A picture of its own for what ASCII has, such as ␛; its code for all else. */
function written(character) {
  const code = character.codePointAt(0);
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, '0')}\u27e9`;
}

/** Text nodes in `parent`, each place where `query` (in lower case) stands as a mark. */
export function appendText(parent, text, query) {
  const shown = visibleText(text);
  if (query === '') return parent.append(shown);
  const found = shown.toLowerCase();
  // Where lower case has another length, places differ: nothing is marked.
  if (found.length !== shown.length) return parent.append(shown);
  let from = 0;
  for (let at = found.indexOf(query); at !== -1; at = found.indexOf(query, from)) {
    const mark = document.createElement('mark');
    mark.append(shown.slice(at, at + query.length));
    parent.append(shown.slice(from, at), mark);
    from = at + query.length;
  }
  return parent.append(shown.slice(from));
}
