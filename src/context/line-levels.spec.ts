import { LOG_ENTRY_LEVELS, type LogEntryLevel } from '../entry/log-entry.js';
import { LineLevels } from './line-levels.js';

function enabled(levels: LineLevels, context?: string): LogEntryLevel[] {
  return LOG_ENTRY_LEVELS.filter((level) => levels.isEnabled(level, context));
}

describe('LineLevels', () => {
  it.each<[LogEntryLevel[], LogEntryLevel[]]>([
    [['log'], ['log', 'warn', 'error', 'fatal']],
    [
      ['error', 'debug'],
      ['debug', 'error', 'fatal'],
    ],
    [['fatal'], ['fatal']],
    [[], []],
  ])('enables, as Nest does, for the list %j: %j', (listed, expected) => {
    const levels = new LineLevels();
    levels.setListed(listed);
    expect(enabled(levels)).toEqual(expected);
  });

  it('gives a context a level of its own, and takes it back', () => {
    const levels = new LineLevels();
    levels.setListed(['error']);
    levels.setLeast('warn', 'Agent');
    levels.setListed(['fatal']);
    expect(enabled(levels, 'Agent')).toEqual(['warn', 'error', 'fatal']);
    levels.reset('Agent');
    expect(enabled(levels, 'Agent')).toEqual(['fatal']);
  });

  it('refuses what is no level, and changes nothing', () => {
    const levels = new LineLevels();
    const attempts = [
      () => levels.setListed(['log', 'loud' as never]),
      () => levels.setListed('log' as never),
      () => levels.setLeast('loud' as never, undefined),
    ];
    for (const attempt of attempts)
      expect(attempt).toThrow(expect.objectContaining({ code: 'INVALID_LEVEL' }));
    expect(enabled(levels)).toEqual(LOG_ENTRY_LEVELS);
  });
});
