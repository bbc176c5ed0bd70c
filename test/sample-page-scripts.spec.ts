import { array, assert, constantFrom, nat, property, tuple } from 'fast-check';

interface Scanner {
  push(chunk: string): { text?: string; token?: string }[];
  flush(): { text?: string; token?: string }[];
}

interface Block {
  type: string;
  source: string;
  text?: string;
  level?: number;
  start?: number;
  items?: Block[][];
}

interface PageScripts {
  TokenScanner: new (tokens: string[]) => Scanner;
  parseBlocks: (lines: string[]) => Block[];
  refusalText: (status: number) => string;
}

/** The page's scripts are plain JavaScript that the browser loads as it is; here they get their types. */
async function load(file: string): Promise<PageScripts> {
  return (await import(`../sample-app/public/${file}`)) as PageScripts;
}

describe('token scanner of the page', () => {
  const tokens = ['<start>', '</end>', '<think>', '</think>'];
  let TokenScanner: PageScripts['TokenScanner'];

  beforeAll(async () => {
    ({ TokenScanner } = await load('token-scanner.js'));
  });

  function scan(chunks: string[]): string[] {
    const scanner = new TokenScanner(tokens);
    const pieces = [...chunks.flatMap((chunk) => scanner.push(chunk)), ...scanner.flush()];
    const joined: string[] = [];
    let afterText = false;
    for (const { text, token } of pieces) {
      if (text !== undefined && afterText) joined.push(joined.pop() + text);
      else joined.push(text ?? `[${token}]`);
      afterText = text !== undefined;
    }
    return joined;
  }

  it('finds tokens that are split, and text around them', () => {
    expect(scan(['<sta', 'rt><think>Hm <b', '.</th', 'ink>So</', 'end>'])).toEqual([
      '[<start>]',
      '[<think>]',
      'Hm <b.',
      '[</think>]',
      'So',
      '[</end>]',
    ]);
  });

  it('gives the same wherever the text is cut, and loses nothing', () => {
    const part = constantFrom(...tokens, '<', '</', '</thin', 'th', 'a < b', ' x', '<b>', '<<think>');
    const chunked = tuple(array(part, { maxLength: 8 }), array(nat(60), { maxLength: 8 }));
    assert(
      property(chunked, ([parts, cuts]) => {
        const text = parts.join('');
        const points = [
          0,
          ...cuts.filter((cut) => cut <= text.length).toSorted((a, b) => a - b),
          text.length,
        ];
        const chunks = points.slice(1).map((end, index) => text.slice(points[index], end));
        expect(scan(chunks)).toEqual(scan([text]));
        expect(
          scan(chunks)
            .join('')
            .replace(/\[(<.*?>)\]/g, '$1'),
        ).toBe(text);
      }),
    );
  });

  it('holds nothing back that cannot become a token', () => {
    expect(new TokenScanner(tokens).push('1 < 2')).toEqual([{ text: '1 < 2' }]);
  });
});

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
    expect(refusalText(502)).toMatch(/the server answers 502\. Reload/);
    expect(refusalText(0)).toMatch(/cannot be reached\. Reload/);
  });
});
