import fc from 'fast-check';
import { LogEntry, type JsonObject } from '../entry/log-entry.js';
import { SessionEnd } from '../entry/session-end.js';
import { DEFAULT_TOKENS, SPECIAL_TOKENS } from '../entry/special-tokens.js';
import { SegmentList } from '../client/segment-list.js';
import { SegmentReducer } from './segment-reducer.js';
import type { SegmentChange } from './session-segment.js';

interface Said {
  readonly message: string;
  readonly data?: JsonObject;
  readonly context?: string;
  readonly logType?: 'chat' | 'log';
}

function changesOf(...all: (string | Said)[]): SegmentChange[] {
  const reducer = new SegmentReducer(DEFAULT_TOKENS);
  const records = all.map((one, at) => {
    const { message, data, context, logType } = typeof one === 'string' ? ({ message: one } as Said) : one;
    const entry = new LogEntry(
      `p-${at}`,
      's',
      message,
      '2026-01-01T00:00:00.000Z',
      logType,
      undefined,
      context,
      data,
    );
    return Object.assign(entry, { id: `e-${at + 1}` });
  });
  const end = Object.assign(new SessionEnd('p-0', 's', '2026-01-01T00:00:00.000Z', 'completed', undefined), {
    id: `e-${all.length + 1}`,
  });
  return [...records, end].flatMap((record) => reducer.push(record));
}

/** Kind, text and the rest of what segments have, without what every one has. */
function segmentsOf(...all: (string | Said)[]): unknown[] {
  const list = new SegmentList();
  for (const change of changesOf(...all)) list.apply(change);
  return list.all().map(({ key, timestamp, complete, kind, text, ...rest }) => {
    expect([typeof key, timestamp, typeof complete]).toEqual([
      'string',
      '2026-01-01T00:00:00.000Z',
      'boolean',
    ]);
    return Object.keys(rest).length === 0 ? [kind, text] : [kind, text, rest];
  });
}

describe('SegmentReducer', () => {
  it('tells text, reasoning and tools by the tokens, and their changes', () => {
    expect(changesOf('<start><thi', 'nk>why</think>So', '.</end>')).toEqual([
      {
        type: 'start',
        segment: expect.objectContaining({ key: 'e-2.0', kind: 'reasoning', text: '' }) as unknown,
      },
      { type: 'delta', key: 'e-2.0', text: 'why' },
      { type: 'end', key: 'e-2.0' },
      { type: 'start', segment: expect.objectContaining({ key: 'e-2.1', kind: 'text' }) as unknown },
      { type: 'delta', key: 'e-2.1', text: 'So' },
      { type: 'delta', key: 'e-2.1', text: '.' },
      { type: 'end', key: 'e-2.1' },
      { type: 'finish', reason: 'completed' },
    ]);
    expect(segmentsOf('a<tool>f(<think>)</tool>b')).toEqual([
      ['text', 'a'],
      ['tool', 'f(<think>)'],
      ['text', 'b'],
    ]);
  });

  it.each([
    [
      'empty',
      '<think></think>a',
      [
        ['reasoning', ''],
        ['text', 'a'],
      ],
    ],
    [
      'nested',
      '<think>a<think>b</think>c</think>',
      [
        ['reasoning', 'a<think>b'],
        ['text', 'c</think>'],
      ],
    ],
    [
      'never closed',
      'a<think>b',
      [
        ['text', 'a'],
        ['reasoning', 'b'],
      ],
    ],
    [
      'closed by the end of the reply',
      '<think>b</end>c',
      [
        ['reasoning', 'b'],
        ['text', 'c'],
      ],
    ],
    ['closed, but not open', 'a</think>b</tool>', [['text', 'a</think>b</tool>']]],
    ['cut short', 'a</thin', [['text', 'a</thin']]],
  ])('takes reasoning that is %s as it is', (_, text, segments) => {
    expect(segmentsOf(text)).toEqual(segments);
    expect(segmentsOf(...text.split(''))).toEqual(segments);
  });

  it('takes literal texts for text, also where a token would be complete with them', () => {
    expect(segmentsOf('a<thi', { message: 'nk></think>', data: { literal: true } }, 'b')).toEqual([
      ['text', 'a<think></think>b'],
    ]);
    expect(segmentsOf('<think>', { message: 'x </think> y', data: { literal: true } }, '</think>')).toEqual([
      ['reasoning', 'x </think> y'],
    ]);
  });

  it('begins anew where somebody else speaks', () => {
    expect(segmentsOf({ message: 'Why?', context: 'user' }, 'So', '.')).toEqual([
      ['text', 'Why?', { context: 'user' }],
      ['text', 'So.'],
    ]);
  });

  it('takes what the user said for text, whatever it looks like, at once', () => {
    const question = { message: 'What do <think> and <tool> mean, and </end>? Is 3 <', context: 'user' };
    expect(segmentsOf(question, '<think>hm</think>So')).toEqual([
      ['text', question.message, { context: 'user' }],
      ['reasoning', 'hm'],
      ['text', 'So'],
    ]);
    const [start, delta] = changesOf(question);
    expect([start?.type, delta]).toEqual([
      'start',
      expect.objectContaining({ type: 'delta', text: question.message }),
    ]);
  });

  it('takes what looks like a token in the arguments of a tool, and is none, for text', () => {
    const piece = (message: string): Said => ({ message, data: { toolCallId: '1', literal: true } });
    expect(
      segmentsOf(
        { message: '<tool>', data: { toolCallId: '1', toolName: 'f' } },
        piece('<tool>'),
        piece('</tool>'),
        { message: '</tool>', data: { toolCallId: '1', toolName: 'f', input: 'x' } },
      ),
    ).toEqual([['tool', '<tool></tool>', { toolCallId: '1', toolName: 'f', input: 'x' }]]);
  });

  it('knows calls of tools by their ids, whatever comes between, and what they returned', () => {
    const call = (toolCallId: string, message: string, more = {}): Said => ({
      message,
      data: { toolCallId, ...more },
    });
    expect(
      segmentsOf(
        call('1', '<tool>', { toolName: 'f' }),
        call('1', '{"a":'),
        call('2', '<tool>', { toolName: 'g' }),
        'meanwhile',
        call('1', '1}'),
        call('1', '</tool>', { toolName: 'f', input: { a: 1 } }),
        { ...call('1', 'returned', { output: 'x' }), logType: 'log' },
        { ...call('2', 'failed', { error: 'y' }), logType: 'log' },
        { ...call('3', 'unknown', { output: 'z' }), logType: 'log' },
      ),
    ).toEqual([
      ['tool', '{"a":1}', { toolCallId: '1', toolName: 'f', input: { a: 1 }, output: 'x' }],
      ['tool', '', { toolCallId: '2', toolName: 'g', error: 'y' }],
      ['text', 'meanwhile'],
      ['log', 'unknown', { data: { toolCallId: '3', output: 'z' } }],
    ]);
  });

  it('loses no text and makes none, however it is split', () => {
    const part = fc.constantFrom(...SPECIAL_TOKENS, 'X', 'Y ', '<', '</', 'think>', '\n');
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat(120)), (parts, cuts) => {
        const text = parts.join('');
        const at = [0, ...cuts.filter((cut) => cut < text.length).toSorted((a, b) => a - b), text.length];
        const whole = segmentsOf(text);
        expect(segmentsOf(...at.slice(1).map((end, index) => text.slice(at[index], end)))).toEqual(whole);
        const kept = (whole as [string, string][]).map(([, said]) => said).join('');
        expect(kept.replace(NO_TEXT, '')).toBe(text.replace(NO_TEXT, ''));
        expect(isWithin(kept, text)).toBe(true);
      }),
    );
  });
});

/** What tokens are made of. */
const NO_TEXT = /[a-z<>/]/g;

/** Whether a text is what is left where some of another is taken out. */
function isWithin(part: string, whole: string): boolean {
  let at = 0;
  for (const character of whole) if (character === part[at]) at++;
  return at === part.length;
}
