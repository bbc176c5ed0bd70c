import type { LogEntry } from 'nestjs-session-logger';
import { conversationOf } from '../sample-app/src/conversation.js';

function entry(message: string, rest: Partial<LogEntry> = {}): LogEntry {
  return { logType: 'chat', message, ...rest } as LogEntry;
}

function question(message: string): LogEntry {
  return entry(message, { context: 'user' });
}

function reply(...messages: string[]): LogEntry[] {
  return messages.map((message) => entry(message));
}

describe('conversationOf', () => {
  it('gives questions and answers, without reasoning, tokens and log lines', () => {
    const entries = [
      question('<think>'),
      entry('Asking', { logType: 'log' }),
      ...reply('<start>', '<think>', 'Hm', '.', '</think>', '\n\nBe', 'cause.', '</end>'),
      question('And then?'),
    ];
    expect(conversationOf(entries)).toEqual([
      { role: 'user', content: '<think>' },
      { role: 'assistant', content: 'Because.' },
      { role: 'user', content: 'And then?' },
    ]);
  });

  it('keeps what only looks like a token', () => {
    const quoted = entry('<think>', { data: { literal: true } });
    expect(conversationOf([...reply('<start>', 'Write '), quoted, ...reply(' first.', '</end>')])).toEqual([
      { role: 'assistant', content: 'Write <think> first.' },
    ]);
  });

  it('leaves out reasoning that was cut short', () => {
    const cut = [question('Why?'), ...reply('<start>', '<think>', 'Hm, but'), question('And?')];
    expect(conversationOf([...cut, ...reply('<start>', 'Because.', '</end>')])).toEqual([
      { role: 'user', content: 'Why?' },
      { role: 'assistant', content: '' },
      { role: 'user', content: 'And?' },
      { role: 'assistant', content: 'Because.' },
    ]);
  });

  it('shows the model the last messages of a long chat', () => {
    const entries = Array.from({ length: 50 }, (_, n) => question(`${n}`));
    const conversation = conversationOf(entries);
    expect(conversation).toHaveLength(20);
    expect(conversation.at(-1)).toEqual({ role: 'user', content: '49' });
  });
});
