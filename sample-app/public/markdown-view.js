import { parseBlocks } from './markdown-blocks.js';

const INLINE = /`([^`\n]+)`|\*\*(\S(?:[^\n]*?\S)?)\*\*|\*([^\s*](?:[^*\n]*[^\s*])?)\*/g;

/**
 * A Markdown text that grows, shown by elements and text nodes only: markup in it stays text. Blocks that
 * changed are built anew, at most once a frame.
 */
export class MarkdownView {
  #root;
  #text = '';
  #shown = [];
  #frame = 0;

  constructor(root) {
    this.#root = root;
  }

  get text() {
    return this.#text;
  }

  append(text) {
    this.#text += text;
    this.#frame ||= requestAnimationFrame(() => this.#render(true));
  }

  /** Says that the text is complete: shows it at once and as it is. */
  finish() {
    cancelAnimationFrame(this.#frame);
    this.#shown.pop();
    this.#render(false);
  }

  #render(growing) {
    this.#frame = 0;
    const blocks = parseBlocks(this.#text.split('\n'));
    let same = 0;
    while (same < blocks.length && blocks[same].source === this.#shown[same]) same++;
    while (this.#root.childNodes.length > same) this.#root.lastChild.remove();
    const changed = blocks.slice(same);
    this.#root.append(...changed.map((block, index) => blockElement(block, growing && !changed[index + 1])));
    this.#shown = blocks.map(({ source }) => source);
  }
}

/** @param growing whether the text goes on in this block */
function blockElement(block, growing) {
  switch (block.type) {
    case 'code':
      return element('pre', element('code', block.text));
    case 'heading':
      // The first two levels are the page's own.
      return element(`h${Math.max(3, block.level)}`, ...inline(block.text, growing));
    case 'rule':
      return element('hr');
    case 'list':
      return listElement(block, growing);
    default:
      return element('p', ...inline(block.text, growing));
  }
}

function listElement({ start, items }, growing) {
  const children = items.map((blocks, index) => itemElement(blocks, growing && !items[index + 1]));
  const list = element(start === undefined ? 'ul' : 'ol', ...children);
  if (start !== undefined) list.start = start;
  return list;
}

function itemElement(blocks, growing) {
  const children = blocks.flatMap((block, index) => {
    const grows = growing && !blocks[index + 1];
    return block.type === 'paragraph' && index === 0
      ? inline(block.text, grows)
      : [blockElement(block, grows)];
  });
  return element('li', ...children);
}

/** Text with code, strong and emphasised parts. */
function inline(source, growing) {
  const text = growing ? closeStrong(source) : source;
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, strong, emphasis] = match;
    nodes.push(text.slice(at, match.index));
    if (code !== undefined) nodes.push(element('code', code));
    else if (strong !== undefined) nodes.push(element('strong', ...inline(strong)));
    else nodes.push(element('em', ...inline(emphasis)));
    at = match.index + whole.length;
  }
  nodes.push(text.slice(at));
  return nodes;
}

/** Shows what is being written in strong as strong before its closing mark has come. */
function closeStrong(text) {
  if (text.split('**').length % 2 === 1) return text;
  return text.endsWith('**') ? text.slice(0, -2) : `${text.trimEnd()}**`;
}

/** Strings among the children become text nodes. */
function element(name, ...children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}
