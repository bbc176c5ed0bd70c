import fc from 'fast-check';
import { InlineReasoning, type ReplyPiece } from './inline-reasoning.js';

/** Neighbouring pieces of one type joined. */
function read(...chunks: string[]): ReplyPiece[] {
  const reader = new InlineReasoning('<think>', '</think>');
  const pieces = [...chunks.flatMap((chunk) => reader.push(chunk)), ...reader.flush()];
  const joined: { type: ReplyPiece['type']; text: string }[] = [];
  for (const { type, text } of pieces) {
    const last = joined.at(-1);
    if (last?.type === type) last.text += text;
    else joined.push({ type, text });
  }
  return joined;
}

const reasoning = (text: string): ReplyPiece => ({ type: 'reasoning', text });
const text = (said: string): ReplyPiece => ({ type: 'text', text: said });

describe('InlineReasoning', () => {
  it.each([
    ['begins a reply', '<think>why</think>so', [reasoning('why'), text('so')]],
    ['stands behind white space', '\n <think>why</think>so', [text('\n '), reasoning('why'), text('so')]],
    ['is empty', '<think></think>so', [reasoning(''), text('so')]],
    ['is never closed', '<think>why so', [reasoning('why so')]],
    ['is all there is', '<think>', [reasoning('')]],
    ['is nested', '<think>a<think>b</think>c</think>d', [reasoning('a<think>b'), text('c</think>d')]],
    ['is cut in its end', '<think>a</thi', [reasoning('a</thi')]],
    ['is none, in code', 'Write `<think>` and </think>', [text('Write `<think>` and </think>')]],
    ['is none, as it never came to be', '<thi', [text('<thi')]],
    ['is none, behind much white space', `${' '.repeat(65)}<think>`, [text(`${' '.repeat(65)}<think>`)]],
    ['is none, in nothing', '', []],
  ])('%s', (_, reply, pieces) => {
    expect(read(reply)).toEqual(pieces);
    expect(read(...reply.split(''))).toEqual(pieces);
  });

  it('loses and adds nothing but the two tokens, however a reply is split', () => {
    const part = fc.constantFrom('<think>', '</think>', '<', '</', 'think>', 'a', ' ', '\n', '`', '<<think>');
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat(80)), (parts, cuts) => {
        const reply = parts.join('');
        const at = [0, ...cuts.filter((cut) => cut < reply.length).toSorted((a, b) => a - b), reply.length];
        const pieces = read(...at.slice(1).map((end, index) => reply.slice(at[index], end)));
        expect(pieces).toEqual(read(reply));
        const [first, second] = pieces.some(({ type }) => type === 'reasoning')
          ? ['<think>', '</think>']
          : ['', ''];
        const indent = pieces[0]?.type === 'text' && first !== '' ? pieces.shift()!.text : '';
        const isClosed =
          pieces[0]?.type !== 'reasoning' ||
          reply.slice((indent + first + pieces[0].text).length).startsWith(second);
        const said = pieces.map(({ text: one }, index) =>
          index === 0 ? first + one + (isClosed ? second : '') : one,
        );
        expect(indent + said.join('')).toBe(reply);
      }),
    );
  });
});
