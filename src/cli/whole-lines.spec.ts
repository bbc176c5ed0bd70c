import { WholeLines } from './whole-lines.js';

describe('WholeLines', () => {
  it('holds back a line until it is complete, and gives the last one when asked', () => {
    const lines = new WholeLines();
    expect(['a', 'b\nc', '', '\n\nd'].map((text) => lines.push(text))).toEqual(['', 'ab\n', '', 'c\n\n']);
    expect([lines.rest(), lines.rest()]).toEqual(['d', '']);
  });

  it('holds back no more than 64 Ki of it', () => {
    const lines = new WholeLines();
    const long = 'x'.repeat(64 * 1024);
    expect([lines.push(long), lines.push('y'), lines.push('z'), lines.rest()]).toEqual([
      '',
      `${long}y`,
      '',
      'z',
    ]);
  });
});
