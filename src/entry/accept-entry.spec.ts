import { instanceToInstance, instanceToPlain, plainToInstance } from 'class-transformer';
import { SessionLoggerError } from '../session-logger.errors.js';
import { acceptEntry } from './accept-entry.js';
import { checkSessionId } from './session-id.js';
import { LogEntry, type JsonObject } from './log-entry.js';

const NOW = '2026-11-22T14:26:00.000Z';
const NULLS = { logType: null, level: null, context: null, data: null, timestamp: null };

const accept = (more: object): LogEntry => acceptEntry({ sessionId: 's1', message: '', ...more }, 'p-1', NOW);

const plain = (entry: LogEntry): object => Object.fromEntries(Object.entries(entry));

describe('acceptEntry', () => {
  it.each([{}, NULLS])('fills in what is missing or null: %j', (more) => {
    const { uid, timestamp, logType, level, context, data, id } = accept(more);
    expect([uid, timestamp, logType]).toEqual(['p-1', NOW, 'chat']);
    expect([level, context, data, id]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it.each([{}, NULLS])('fills in the same as class-transformer does: %j', (more) => {
    const before = new Date().toISOString();
    const { timestamp, ...rest } = plainToInstance(LogEntry, { sessionId: 's1', message: '', ...more });
    expect(timestamp >= before && timestamp <= new Date().toISOString()).toBe(true);
    expect({ ...rest, uid: 'p-1', timestamp: NOW }).toEqual(plain(accept({})));
  });

  it('makes an entry that class-transformer writes and copies unchanged', () => {
    const entry = accept({ message: 'Hello', level: 'warn', context: 'Agent', data: { a: [{ b: 'c' }] } });
    expect(instanceToPlain(entry)).toEqual(plain(entry));
    expect(instanceToInstance(entry)).toEqual(entry);
  });

  it('keeps what is given, and only what an entry has', () => {
    const given = {
      message: 'Hello',
      logType: 'log',
      level: 'warn',
      context: 'Agent',
      data: { a: 1 },
      timestamp: NOW,
    };
    const more = { id: 'e-1', uid: 'x', other: 1 };
    expect(plain(accept({ ...given, ...more }))).toEqual({
      sessionId: 's1',
      uid: 'p-1',
      id: undefined,
      ...given,
    });
  });

  it('replaces lone surrogates in message, context and data, keys too', () => {
    const lone = 'a\ud800b\udc00';
    const fine = '\u{1f600} \\ud800 \\\\udfff';
    const entry = accept({
      message: lone + fine,
      context: lone,
      data: { [lone]: [lone + lone, fine, `\\${lone}`] },
    });
    const mended = 'a\ufffdb\ufffd';
    expect(entry.message).toBe(mended + fine);
    expect(entry.context).toBe(mended);
    expect(entry.data).toEqual({ [mended]: [mended + mended, fine, `\\${mended}`] });
  });

  it('takes an own copy of data, as JSON keeps it', () => {
    const list = [1];
    const data = {
      list,
      none: undefined,
      date: new Date(NOW),
      call: () => 1,
      not: NaN,
    } as unknown as JsonObject;
    const entry = accept({ data });
    list.push(2);
    expect(entry.data).toEqual({ list: [1], date: NOW, not: null });
    expect('none' in entry.data!).toBe(false);
  });

  it('keeps a key named __proto__ as a key', () => {
    const entry = accept({ data: JSON.parse('{"__proto__":{"polluted":true}}') });
    expect(Object.getPrototypeOf(entry.data)).toBe(Object.prototype);
    expect(JSON.stringify(entry.data)).toBe('{"__proto__":{"polluted":true}}');
  });

  it('says which field is wrong, what was given, shortened, and what was expected', () => {
    expect(() => accept({ sessionId: 'a b' })).toThrow(
      /^sessionId is "a b"; expected 1 to 128 characters of /,
    );
    expect(() => accept({ logType: 'x'.repeat(1000) })).toThrow(
      /^logType is "x{64}"; expected one of chat, log\./,
    );
    expect(() => accept({ message: null })).toThrow('message is a value of type null; expected a string.');
    expect(() => accept({ data: [] })).toThrow('data is a value of type array; expected an object that JSON');
  });
});

describe('checkSessionId', () => {
  it('passes a session id and throws for anything else', () => {
    expect(() => checkSessionId('s1')).not.toThrow();
    expect(() => checkSessionId('..')).toThrow(SessionLoggerError);
    expect(() => checkSessionId(undefined)).toThrow(expect.objectContaining({ code: 'INVALID_SESSION_ID' }));
  });
});
