import { readdirSync, readFileSync } from 'node:fs';

/** A block of code in a Markdown file. */
export interface MarkdownBlock {
  /** File and line of its first line, such as `docs/guide.md:12`. */
  readonly place: string;
  /** What stands behind the opening fence, such as `ts`. */
  readonly language: string;
  readonly code: string;
}

/** The fenced blocks of code of all documents that are for users, in order. */
export function markdownBlocks(): MarkdownBlock[] {
  const docs = readdirSync('docs').filter((name) => name.endsWith('.md'));
  const files = [
    'README.md',
    'CONTRIBUTING.md',
    'sample-app/README.md',
    ...docs.map((name) => `docs/${name}`),
  ];
  return files.flatMap((file) => blocksOf(file, readFileSync(file, 'utf8')));
}

/** A fence may be indented, in a list. */
function blocksOf(file: string, text: string): MarkdownBlock[] {
  return [...text.matchAll(/^( *)```(\w*)\n([^]*?)^\1```$/gm)].map(({ index, 2: language, 3: code }) => {
    const line = text.slice(0, index).split('\n').length + 1;
    return { place: `${file}:${line}`, language: language!, code: code! };
  });
}
