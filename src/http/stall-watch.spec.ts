import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { jest } from '@jest/globals';
import { StallWatch } from './stall-watch.js';

/** A response whose socket timeout comes as the test has it. */
class FakeResponse extends EventEmitter {
  readonly delays: number[] = [];

  setTimeout(ms: number): this {
    this.delays.push(ms);
    return this;
  }
}

describe('StallWatch', () => {
  let response: FakeResponse;
  let watch: StallWatch;
  const onStalled = jest.fn();

  beforeEach(() => {
    jest.useFakeTimers({ now: 0 });
    onStalled.mockClear();
    response = new FakeResponse();
    watch = new StallWatch(response as unknown as ServerResponse, 1_000, onStalled);
  });

  afterEach(() => {
    watch.stop();
    expect(response.listenerCount('timeout')).toBe(0);
    expect(response.delays.at(-1)).toBe(0);
    jest.useRealTimers();
  });

  /** The socket timeout comes, `ms` after it was set or came last. */
  const timeoutAfter = (ms: number): void => {
    jest.advanceTimersByTime(ms);
    response.emit('timeout');
  };

  it('tells after the time without progress, not before', () => {
    for (let slice = 0; slice < 9; slice++) timeoutAfter(100);
    expect(onStalled).not.toHaveBeenCalled();
    timeoutAfter(100);
    expect(onStalled).toHaveBeenCalledTimes(1);
    expect(new Set(response.delays)).toEqual(new Set([100]));
  });

  it('counts from the slice in which the client took something last', () => {
    for (let slice = 0; slice < 9; slice++) timeoutAfter(100);
    timeoutAfter(200);
    for (let slice = 0; slice < 8; slice++) timeoutAfter(100);
    expect(onStalled).not.toHaveBeenCalled();
    timeoutAfter(100);
    expect(onStalled).toHaveBeenCalledTimes(1);
  });
});
