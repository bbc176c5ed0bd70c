import { REASONING_START_TOKEN, REASONING_STOP_TOKEN, SPECIAL_TOKENS } from 'nestjs-session-logger';
import { readRecording, RecordedModel } from '../sample-app/src/recorded.model.js';

describe('the recorded reply', () => {
  const { chunks } = readRecording();
  const texts = chunks.map(({ text }) => text);
  const whole = texts.join('');

  it('plays for less than 15 seconds, at the pace of tokens', () => {
    const delays = chunks.map(({ delay }) => delay);
    expect(delays.reduce((sum, delay) => sum + delay, 0)).toBeLessThan(15_000);
    expect(delays.slice(1).every((delay) => delay >= 20 && delay <= 60)).toBe(true);
  });

  it('begins with its reasoning, and has no other token', () => {
    const found = [...whole.matchAll(new RegExp(SPECIAL_TOKENS.join('|'), 'g'))].map(([token]) => token);
    expect(found).toEqual([REASONING_START_TOKEN, REASONING_STOP_TOKEN]);
    expect(whole.startsWith(REASONING_START_TOKEN)).toBe(true);
  });

  it('has tokens split over chunks, and a chunk with text behind one', () => {
    const split = [REASONING_START_TOKEN, REASONING_STOP_TOKEN];
    for (const token of split) expect(texts.some((text) => text.includes(token))).toBe(false);
    expect(texts.some((text) => /^ink>\s*\w/.test(text))).toBe(true);
  });

  it('is played whole by the model', async () => {
    const model = new RecordedModel({ question: '', chunks: chunks.slice(0, 20) }, 0);
    let played = '';
    for await (const text of model.reply([], new AbortController().signal)) played += text;
    expect(played).toBe(texts.slice(0, 20).join(''));
  });

  it('stops when aborted', async () => {
    const abort = new AbortController();
    const reply = new RecordedModel(readRecording()).reply([], abort.signal);
    const next = reply.next();
    abort.abort();
    await expect(next).rejects.toThrow('aborted');
  });
});
