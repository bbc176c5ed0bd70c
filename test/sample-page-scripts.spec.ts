import { array, assert, constantFrom, property } from 'fast-check';

interface Block {
  type: string;
  source: string;
  text?: string;
  level?: number;
  start?: number;
  items?: Block[][];
}

interface PageScripts {
  parseBlocks: (lines: string[]) => Block[];
  refusalText: (status: number) => string;
}

/** The page's scripts are plain JavaScript that the browser loads as it is; here they get their types. */
async function load(file: string): Promise<PageScripts> {
  return (await import(`../sample-app/public/${file}`)) as PageScripts;
}

describe('Markdown blocks of the page', () => {
  let parseBlocks: PageScripts['parseBlocks'];

  beforeAll(async () => {
    ({ parseBlocks } = await load('markdown-blocks.js'));
  });

  const parse = (text: string): Block[] => parseBlocks(text.split('\n'));
  const types = (text: string): string[] => parse(text).map(({ type }) => type);

  it('cuts paragraphs, headings, rules, lists and code', () => {
    const text = 'One\ntwo\n\n### Head\nThree\n---\n- a\n- b\n```js\nx\n\ny\n```\nEnd';
    expect(types(text)).toEqual(['paragraph', 'heading', 'paragraph', 'rule', 'list', 'code', 'paragraph']);
    expect(parse(text)[5]!.text).toBe('x\n\ny');
  });

  it('shows code that is still streaming', () => {
    expect(parse('```\na\n\nb')).toMatchObject([{ type: 'code', text: 'a\n\nb' }]);
  });

  it('keeps lists within lists, and a list over an empty line', () => {
    const [list, after] = parse('3. a\n   - b\n   - c\n\n4. d\n\nafter');
    expect(list).toMatchObject({ type: 'list', start: 3 });
    expect(list!.items).toMatchObject([
      [{ text: 'a' }, { type: 'list', items: [[{ text: 'b' }], [{ text: 'c' }]] }],
      [{ text: 'd' }],
    ]);
    expect(after).toMatchObject({ type: 'paragraph', text: 'after' });
  });

  it('ends on any text and loses no line of it', () => {
    const line = constantFrom('', 'a', '- a', '  - b', '1. c', '```', '# h', '---', '   text', '  ```', '* ');
    assert(
      property(array(line, { maxLength: 14 }), (lines) => {
        const kept = parseBlocks(lines).flatMap(({ source }) => source.split('\n'));
        expect(kept.filter((one) => one.trim() !== '')).toEqual(lines.filter((one) => one.trim() !== ''));
      }),
    );
  });
});

describe('refusals on the page', () => {
  it('say what happened and what to do', async () => {
    const { refusalText } = await load('session-notice.js');
    expect(refusalText(400)).toMatch(/^This is not a session id.*new chat/);
    expect(refusalText(403)).toMatch(/does not let this page read.*http\.authorize/);
    expect(refusalText(410)).toMatch(/the server answers 410\. Reload/);
  });
});
