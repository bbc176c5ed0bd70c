import { acceptEntry } from '../entry/accept-entry.js';
import { LOG_ENTRY_LEVELS, type LogEntryLevel } from '../entry/log-entry.js';
import type { SessionGrant } from '../options/authorize.js';
import { entryFilter, type WantedEntries } from './entry-filter.js';

const make = (given: { logType: 'chat' | 'log'; level?: LogEntryLevel }) =>
  acceptEntry({ sessionId: 's', message: '', ...given }, 'p-1', '2026-11-22T14:26:00.000Z');

const CHAT = make({ logType: 'chat' });
const CHAT_WITH_LEVEL = make({ logType: 'chat', level: 'verbose' });
const PLAIN = make({ logType: 'log' });
const LINES = LOG_ENTRY_LEVELS.map((level) => make({ logType: 'log', level }));
const ALL = [CHAT, CHAT_WITH_LEVEL, PLAIN, ...LINES];

const shown = (wanted: WantedEntries, grant: SessionGrant): typeof ALL =>
  ALL.filter(entryFilter(wanted, grant) ?? (() => true));

describe('entryFilter', () => {
  it.each<[WantedEntries, SessionGrant]>([
    [{}, {}],
    [{ level: 'verbose' }, {}],
    [{}, { minLevel: 'verbose' }],
    [{}, { expiresAt: 1 }],
  ])('is none for %j and %j, so that the bytes are shared', (wanted, grant) => {
    expect(entryFilter(wanted, grant)).toBeUndefined();
  });

  it('shows the type that is wanted, if it may be seen', () => {
    expect(shown({ type: 'chat' }, {})).toEqual([CHAT, CHAT_WITH_LEVEL]);
    expect(shown({ type: 'log' }, {})).toEqual([PLAIN, ...LINES]);
    expect(shown({}, { types: ['log'] })).toEqual([PLAIN, ...LINES]);
    expect(shown({ type: 'log' }, { types: ['chat'] })).toEqual([]);
    expect(shown({}, { types: [] })).toEqual([]);
  });

  it.each(LOG_ENTRY_LEVELS)('shows chat, and log entries from %s on, whoever says so', (level) => {
    const least = LOG_ENTRY_LEVELS.indexOf(level);
    const plain = least <= LOG_ENTRY_LEVELS.indexOf('log') ? [PLAIN] : [];
    const expected = [CHAT, CHAT_WITH_LEVEL, ...plain, ...LINES.slice(least)];
    expect(shown({ level }, {})).toEqual(expected);
    expect(shown({}, { minLevel: level })).toEqual(expected);
  });

  it('takes the stricter of two levels', () => {
    expect(shown({ level: 'fatal' }, { minLevel: 'warn' })).toEqual(shown({ level: 'fatal' }, {}));
    expect(shown({ level: 'debug' }, { minLevel: 'warn' })).toEqual(shown({ level: 'warn' }, {}));
  });

  it('shows no log entry for a minLevel that there is not, so that a slip hides rather than shows', () => {
    expect(shown({}, { minLevel: 'warning' as LogEntryLevel })).toEqual([CHAT, CHAT_WITH_LEVEL]);
  });
});
