import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { jest } from '@jest/globals';
import { drain } from './drain.js';

describe('drain', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] }));
  afterEach(() => {
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  const open = (): PassThrough => new PassThrough();
  const drained = (stream: PassThrough): void => drain(stream as unknown as IncomingMessage);

  it('cuts off one who sends little for long', () => {
    const stream = open();
    drained(stream);
    stream.write('x');
    jest.advanceTimersByTime(9_999);
    expect(stream.destroyed).toBe(false);
    jest.advanceTimersByTime(1);
    expect(stream.destroyed).toBe(true);
  });

  it('waits no more for one who has sent all', async () => {
    const stream = open();
    drained(stream);
    await new Promise((resolve) => stream.end('x', () => stream.once('close', resolve)));
    drained(stream);
    expect(jest.getTimerCount()).toBe(0);
  });
});
