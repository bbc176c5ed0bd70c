import { acceptLine } from './accept-line.js';

describe('acceptLine', () => {
  it('cuts a stack like a message', () => {
    const input = {
      message: 'a',
      level: 'error',
      sessionId: 's',
      isShared: true,
      isStackShared: true,
    } as const;
    const line = acceptLine({ ...input, stack: `Error: ${'ä'.repeat(100)}\n    at x` }, 'p-1', '', 20);
    expect(line).toMatchObject({ message: 'a', stack: `Error: ${'ä'.repeat(6)}` });
    expect(line).not.toHaveProperty('truncated');
  });
});
