import type { LogEntry } from 'nestjs-session-logger';
import { conversationOf } from '../sample-app/src/conversation.js';
import type { ModelPiece } from '../sample-app/src/model.js';
import { withTokens } from '../sample-app/src/reply-tokens.js';

async function framed(...pieces: ModelPiece[]): Promise<string[]> {
  async function* stream(): AsyncGenerator<ModelPiece> {
    yield* pieces;
  }
  const texts: string[] = [];
  for await (const text of withTokens(stream())) texts.push(text);
  return texts;
}

function entry(message: string, rest: Partial<LogEntry> = {}): LogEntry {
  return { logType: 'chat', message, ...rest } as LogEntry;
}

function question(message: string): LogEntry {
  return entry(message, { context: 'user' });
}

describe('withTokens', () => {
  it('puts tokens around the reply and its reasoning', async () => {
    expect(
      await framed(
        { type: 'reasoning', text: 'Let' },
        { type: 'reasoning', text: ' me see' },
        { type: 'text', text: 'It is' },
        { type: 'text', text: ' blue.' },
      ),
    ).toEqual(['<start>', '<think>', 'Let', ' me see', '</think>', 'It is', ' blue.', '</end>']);
  });

  it('closes reasoning that no answer follows, and passes inline tokens on as they are', async () => {
    expect(await framed({ type: 'reasoning', text: 'Hm' })).toEqual([
      '<start>',
      '<think>',
      'Hm',
      '</think>',
      '</end>',
    ]);
    expect(await framed({ type: 'text', text: '<think>a</think>b' })).toEqual([
      '<start>',
      '<think>a</think>b',
      '</end>',
    ]);
  });

  it('frames an empty reply', async () => {
    expect(await framed()).toEqual(['<start>', '</end>']);
  });
});

describe('conversationOf', () => {
  it('gives questions and answers, without reasoning, tokens and log lines', () => {
    const entries = [
      question('Why <think>?'),
      entry('Asking', { logType: 'log' }),
      entry('<start><think>Hm'),
      entry('.</th'),
      entry('ink>\n\nBecause'),
      entry('.</end>'),
      question('And then?'),
    ];
    expect(conversationOf(entries)).toEqual([
      { role: 'user', content: 'Why <think>?' },
      { role: 'assistant', content: 'Because.' },
      { role: 'user', content: 'And then?' },
    ]);
  });

  it('leaves out reasoning that was cut short', () => {
    expect(conversationOf([entry('<start><think>Hm, but')])).toEqual([{ role: 'assistant', content: '' }]);
  });

  it('shows the model the last messages of a long chat', () => {
    const entries = Array.from({ length: 50 }, (_, n) => question(`${n}`));
    const conversation = conversationOf(entries);
    expect(conversation).toHaveLength(20);
    expect(conversation.at(-1)).toEqual({ role: 'user', content: '49' });
  });
});
