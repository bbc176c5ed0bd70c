import { execFileSync } from 'node:child_process';
import { compileBlocks } from './compile-blocks.js';
import { markdownBlocks, type MarkdownBlock } from './markdown-blocks.js';

const KNOWN = new Set(['ts', 'js', 'sh', 'json', 'text', 'http', '']);

describe('code in the documents', () => {
  const blocks = markdownBlocks();
  const of = (...languages: string[]): MarkdownBlock[] =>
    blocks.filter(({ language }) => languages.includes(language));

  it('is of a language that is looked at here', () => {
    expect(blocks.filter(({ language }) => !KNOWN.has(language))).toEqual([]);
    expect(of('ts').length).toBeGreaterThan(5);
  });

  it('compiles', () => {
    expect(compileBlocks(of('ts', 'js'))).toEqual([]);
  }, 120_000);

  it('is found wrong where it is', () => {
    const wrong = {
      place: 'x.md:1',
      language: 'ts',
      code: "logs.logChunkToQueue(1, 's');\nconst a: string = 2;",
    };
    expect(compileBlocks([wrong])).toEqual([
      expect.stringMatching(/^x\.md:1: Argument of type 'number'/),
      expect.stringMatching(/^x\.md:1: Type 'number'/),
    ]);
  }, 120_000);

  it.each(of('sh').map((block) => [block.place, block] as const))(
    '%s can be read by a shell',
    (_, { code }) => {
      expect(execFileSync('bash', ['-n'], { input: code, encoding: 'utf8' })).toBe('');
    },
  );

  it('has JSON that is JSON', () => {
    for (const { code } of of('json')) expect(() => JSON.parse(code) as unknown).not.toThrow();
  });
});
