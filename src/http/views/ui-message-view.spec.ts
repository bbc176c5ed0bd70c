import { readUIMessageStream, uiMessageChunkSchema, type UIMessage, type UIMessageChunk } from 'ai';
import fc from 'fast-check';
import { LogEntry, type SessionRecord } from '../../entry/log-entry.js';
import { SessionEnd } from '../../entry/session-end.js';
import { DEFAULT_TOKENS } from '../../entry/special-tokens.js';
import { SegmentReducer } from '../../segments/segment-reducer.js';
import { UiMessageView } from './ui-message-view.js';

const TIME = '2026-01-01T00:00:00.000Z';
const PIECES = [
  'a',
  ' b',
  '{"c":1}',
  '<think>',
  '</think>',
  '<thi',
  'nk>',
  '<tool>',
  '</tool>',
  '<start>',
  '</end>',
];

/** A chunk, or what a capture says of a tool. */
const said = fc.oneof(
  { weight: 4, arbitrary: fc.record({ message: fc.constantFrom(...PIECES) }) },
  fc.record({
    message: fc.constantFrom('<tool>', '</tool>', '{"c":', '1}'),
    data: fc.record({ toolCallId: fc.constantFrom('x', 'y'), toolName: fc.constant('f') }),
  }),
  fc.record({
    message: fc.constant('Tool f returned'),
    logType: fc.constant('log' as const),
    data: fc.record({ toolCallId: fc.constantFrom('x', 'y'), output: fc.constantFrom(1, 'o', null) }),
  }),
);

function recordsOf(all: readonly { message: string; logType?: 'log'; data?: object }[]): SessionRecord[] {
  const entries = all.map(
    ({ message, logType, data }, at) =>
      new LogEntry(`p-${at}`, 's', message, TIME, logType, undefined, undefined, data as never),
  );
  const end = new SessionEnd('p-end', 's', TIME, 'completed', undefined);
  return [...entries, end].map((record, at) => Object.assign(record, { id: `e-${at + 1}` }));
}

/** What a view sends, as a client takes it, in batches of a size. */
function chunksOf(records: readonly SessionRecord[], size: number): UIMessageChunk[] {
  const view = new UiMessageView(new SegmentReducer(DEFAULT_TOKENS));
  let frames = '';
  for (let from = 0; from < records.length; from += size)
    frames += view.frames(records.slice(from, from + size));
  expect(view.isDone).toBe(true);
  expect(frames.endsWith('data: [DONE]\n\n')).toBe(true);
  return frames
    .split('\n\n')
    .slice(0, -2)
    .map((frame) => JSON.parse(frame.replace(/^data: /, '')) as UIMessageChunk);
}

/** Kind and text of each segment that is a text. */
function textsOf(records: readonly SessionRecord[]): [string, string][] {
  const reducer = new SegmentReducer(DEFAULT_TOKENS);
  const texts = new Map<string, [string, string]>();
  for (const change of records.flatMap((record) => reducer.push(record))) {
    if (change.type === 'delta' && texts.has(change.key)) texts.get(change.key)![1] += change.text;
    if (change.type !== 'start') continue;
    const { key, kind } = change.segment;
    if (kind === 'text' || kind === 'reasoning') texts.set(key, [kind, '']);
  }
  return [...texts.values()];
}

async function messageOf(chunks: readonly UIMessageChunk[]): Promise<UIMessage | undefined> {
  let last: UIMessage | undefined;
  const stream = ReadableStream.from(chunks);
  for await (const message of readUIMessageStream({ stream, terminateOnError: true })) last = message;
  return last;
}

describe('UiMessageView', () => {
  it('gives arguments as they are, also where they are null', () => {
    const call = { toolCallId: 'x', toolName: 'f' };
    const records = recordsOf([
      { message: '<tool>', data: call },
      { message: '</tool>', data: { ...call, input: null } },
    ]);
    expect(chunksOf(records, 5)).toContainEqual({ type: 'tool-input-available', ...call, input: null });
  });

  it('sends what the AI SDK reads as the segments of the reply, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(said, { maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (all, size) => {
          const records = recordsOf(all);
          const chunks = chunksOf(records, size);
          for (const chunk of chunks) {
            const { success } = await uiMessageChunkSchema().validate!(chunk);
            expect(success).toBe(true);
          }
          const message = await messageOf(chunks);
          expect(
            message?.parts.flatMap((part) =>
              part.type === 'text' || part.type === 'reasoning' ? [[part.type, part.text, part.state]] : [],
            ) ?? [],
          ).toEqual(textsOf(records).map((text) => [...text, 'done']));
        },
      ),
      { numRuns: 300 },
    );
  });
});
