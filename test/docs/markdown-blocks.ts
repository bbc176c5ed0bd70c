import { readdirSync, readFileSync } from 'node:fs';

/** A block of code in a Markdown file. */
export interface MarkdownBlock {
  /** File and line of its first line, such as `docs/guide.md:12`. */
  readonly place: string;
  /** What stands behind the opening fence, such as `ts`. */
  readonly language: string;
  readonly code: string;
}

/** All documents that are for users. */
export function documents(): string[] {
  const docs = readdirSync('docs').filter((name) => name.endsWith('.md'));
  return ['README.md', 'CONTRIBUTING.md', 'sample-app/README.md', ...docs.map((name) => `docs/${name}`)];
}

/** The fenced blocks of code of all documents, in order. */
export function markdownBlocks(): MarkdownBlock[] {
  return documents().flatMap((file) => blocksOf(file, readFileSync(file, 'utf8')));
}

/** A fence may be indented, in a list. */
function blocksOf(file: string, text: string): MarkdownBlock[] {
  return [...text.matchAll(/^( *)```(\w*)\n([^]*?)^\1```$/gm)].map(({ index, 2: language, 3: code }) => {
    const line = text.slice(0, index).split('\n').length + 1;
    return { place: `${file}:${line}`, language: language!, code: code! };
  });
}
