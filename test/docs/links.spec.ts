import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import GithubSlugger from 'github-slugger';
import { documents } from './markdown-blocks.js';

const withoutCode = (text: string): string => text.replaceAll(/```[^]*?```/g, '');

/** The anchors of a document's titles, as GitHub and the site have them. */
function anchorsOf(file: string): Set<string> {
  const slugger = new GithubSlugger();
  const titles = withoutCode(readFileSync(file, 'utf8')).matchAll(/^#{1,6} (.+)$/gm);
  return new Set([...titles].map(([, title]) => slugger.slug(title!.replaceAll('`', ''))));
}

/** What the links of a document lead to that is not there. */
function deadLinks(file: string): string[] {
  const links = withoutCode(readFileSync(file, 'utf8')).matchAll(
    /\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g,
  );
  return [...links].flatMap(([, path, anchor]) => {
    const target = path === '' ? file : normalize(join(dirname(file), path!));
    if (!existsSync(target)) return [`${file}: there is no ${target}`];
    const isThere = anchor === undefined || anchorsOf(target).has(anchor);
    return isThere ? [] : [`${file}: ${target} has no title #${anchor}`];
  });
}

describe('links in the documents', () => {
  it.each(documents())('of %s lead somewhere', (file) => {
    expect(deadLinks(file)).toEqual([]);
  });

  it('of the first page lead to each page of the site', () => {
    const pages = documents().filter((file) => file.startsWith('docs/') && file !== 'docs/index.md');
    const readme = readFileSync('README.md', 'utf8');
    expect(pages.filter((page) => !readme.includes(`](${page})`))).toEqual([]);
  });
});
