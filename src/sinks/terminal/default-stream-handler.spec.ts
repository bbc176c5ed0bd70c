import { jest } from '@jest/globals';
import { SPECIAL_END_TOKENS, SPECIAL_TOKENS } from '../../entry/special-tokens.js';
import { defaultStreamHandler } from './default-stream-handler.js';

describe('defaultStreamHandler', () => {
  let printed: string;

  beforeEach(() => {
    printed = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each(['Hello', ' <thin', 'a <think> inside', '', '\x1b[1mbold\r\n'])('prints %j as it is', (message) => {
    const returned = defaultStreamHandler(message);
    expect(returned).toBe(message);
    expect(printed).toBe(message);
  });

  it.each(SPECIAL_TOKENS)('does not print %s', (token) => {
    const returned = defaultStreamHandler(token);
    expect(returned).toBeUndefined();
    expect(printed).toBe(SPECIAL_END_TOKENS.includes(token) ? '\n' : '');
  });

  it('prints a newline for the end of reasoning and of the stream only', () => {
    SPECIAL_TOKENS.forEach(defaultStreamHandler);
    expect(printed).toBe('\n\n');
  });
});
