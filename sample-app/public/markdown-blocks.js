/** Cuts the Markdown that models write into blocks. What it does not know stays a paragraph, as it is. */

const FENCE = /^\s*```/;
const RULE = /^(-{3,}|\*{3,}|_{3,})\s*$/;
const HEADING = /^(#{1,6})\s+(.*)$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;

/** Cuts lines into blocks: `{ type, source, … }`, where `source` is the block's own text. */
export function parseBlocks(lines) {
  const blocks = [];
  let at = 0;
  while (at < lines.length) {
    if (lines[at].trim() === '') at++;
    else {
      const end = blockEnd(lines, at);
      blocks.push(toBlock(lines.slice(at, end)));
      at = end;
    }
  }
  return blocks;
}

/** The line after the block that begins at `start`. */
function blockEnd(lines, start) {
  const first = lines[start];
  if (HEADING.test(first) || RULE.test(first)) return start + 1;
  if (FENCE.test(first)) return Math.min(lines.length, find(lines, start, (line) => FENCE.test(line)) + 1);
  if (ITEM.test(first)) return find(lines, start, (line, index) => endsList(line, lines[index - 1]));
  return find(lines, start, (line) => line.trim() === '' || startsBlock(line) || ITEM.test(line));
}

function find(lines, start, matches) {
  const found = lines.findIndex((line, index) => index > start && matches(line, index));
  return found === -1 ? lines.length : found;
}

function startsBlock(line) {
  return HEADING.test(line) || RULE.test(line) || line.startsWith('```');
}

/** A list goes on over an empty line where an item or an indented line follows. */
function endsList(line, before) {
  return startsBlock(line) || (before.trim() === '' && /^\S/.test(line) && !ITEM.test(line));
}

function toBlock(lines) {
  const source = lines.join('\n');
  const [first] = lines;
  if (FENCE.test(first)) {
    const closed = lines.length > 1 && FENCE.test(lines.at(-1));
    return { type: 'code', source, text: lines.slice(1, closed ? -1 : undefined).join('\n') };
  }
  const heading = HEADING.exec(first);
  if (heading) return { type: 'heading', source, level: heading[1].length, text: heading[2] };
  if (RULE.test(first)) return { type: 'rule', source };
  if (ITEM.test(first)) return listBlock(lines, source);
  return { type: 'paragraph', source, text: source };
}

/** Each item is a list of blocks of its own, so lists may hold lists and code. */
function listBlock(lines, source) {
  const [, indent, marker] = ITEM.exec(lines[0]);
  const items = [];
  let width = 0;
  for (const line of lines) {
    const item = ITEM.exec(line);
    if (item && item[1].length <= indent.length + 1) {
      width = item[1].length + item[2].length + 1;
      items.push([item[3]]);
    } else items.at(-1).push(line.slice(Math.min(width, line.search(/\S|$/))));
  }
  const start = Number.parseInt(marker, 10);
  return {
    type: 'list',
    source,
    start: Number.isNaN(start) ? undefined : start,
    items: items.map(parseBlocks),
  };
}
