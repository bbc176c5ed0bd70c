import { inspect } from 'node:util';
import { hasFrames, withoutFrames } from './stack-frames.js';

const { stack = '' } = new Error('broken');

describe('withoutFrames', () => {
  it.each([
    ['a stack', stack, 'Error: broken'],
    ['one with a text around it', `first\n${stack}\nlast`, 'first\nError: broken\nlast'],
    ['one of Windows', stack.replaceAll('\n', '\r\n'), 'Error: broken'],
    ['one whose lines are trimmed', stack.replaceAll(/\n\s+/g, '\n'), 'Error: broken'],
    ['frames alone', stack.slice(stack.indexOf('\n') + 1), ''],
    ['frames without a file', 'a\n    at new Promise (<anonymous>)\n    at async Promise.all (index 0)', 'a'],
    ['trimmed ones', 'a\nat new Promise (<anonymous>)\nat async Promise.all (index 0)', 'a'],
    ['coloured ones', 'a\n\u001b[90m    at node:internal/x:1:2\u001b[39m\nb', 'a\nb'],
    ['those within JSON', JSON.stringify({ stack, ms: 1 }), '{"stack":"Error: broken","ms":1}'],
  ])('cuts %s', (_, text, left) => {
    expect(hasFrames(text)).toBe(true);
    expect(withoutFrames(text)).toBe(left);
  });

  it('cuts what util.inspect() shows of an error', () => {
    const text = inspect({ error: new Error('a', { cause: new Error('b') }) });
    expect(withoutFrames(text)).not.toMatch(/\n +at |stack-frames/);
  });

  it.each([
    '',
    'Look at me',
    'a\nat noon',
    'Started\nat 12:30:45',
    'a\n  attic',
    'at /app/a.js:1:2 it broke',
  ])('leaves %j', (text) => {
    expect(hasFrames(text)).toBe(false);
    expect(withoutFrames(text)).toBe(text);
  });

  it.each([
    ' '.repeat(1e6),
    `\n${' '.repeat(1e6)}`,
    `\nat ${':1'.repeat(1e6)}`,
    `\n${'\u001b[1m'.repeat(1e6)}`,
    `\nat ${'(index 1'.repeat(1e6)}`,
  ])('takes long texts that are none, %#', (text) => {
    expect(withoutFrames(text)).toHaveLength(text.length);
  });
});
