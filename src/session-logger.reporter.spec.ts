import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Reporter } from './session-logger.reporter.js';

describe('Reporter', () => {
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});

  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000 });
    warn.mockClear();
  });

  afterEach(() => jest.useRealTimers());
  afterAll(() => warn.mockRestore());

  it('tells each kind once a minute, then how many it kept back', () => {
    const reporter = new Reporter();
    for (let index = 0; index < 5; index++) reporter.warn('a', 'It broke', new Error('why'));
    reporter.warn('b', 'Something else');
    jest.setSystemTime(1_000_000 + 59_999);
    reporter.warn('a', 'It broke');
    jest.setSystemTime(1_000_000 + 60_000);
    reporter.warn('a', 'It broke');
    expect(warn.mock.calls.map(([text]) => text as string)).toEqual([
      'It broke: why',
      'Something else',
      'It broke (and 5 more of this kind before)',
    ]);
  });

  it('is not silenced by a clock that is set back', () => {
    const reporter = new Reporter();
    reporter.warn('a', 'It broke');
    jest.setSystemTime(500_000);
    reporter.warn('a', 'It broke');
    expect(warn).toHaveBeenCalledTimes(2);
  });

  it('lives through a logger of the application that throws, and counts it', () => {
    const broken = (): never => {
      throw new Error('the logger is broken');
    };
    warn.mockImplementationOnce(broken);
    const error = jest.spyOn(Logger.prototype, 'error').mockImplementationOnce(broken);
    const reporter = new Reporter();
    reporter.warn('a', 'It broke');
    reporter.error('It broke');
    expect(error).toHaveBeenCalledTimes(1);
    expect(reporter.counts()).toEqual({ a: 1, logger: 2 });
    error.mockRestore();
  });
});
