import { LogEntry, LogLine } from '../../entry/log-entry.js';
import { formatDropNotice, formatLine as format, type LineFormat } from './line-format.js';

const TIME = '2026-11-22T14:26:00.000Z';
const HOSTILE = 'a\nb\rc\td\u001b[31me\u0000f\u0085g\u2028h\u2029i\u007fj';

const chat = (message: string): LogEntry => new LogEntry('p-1', 's1', message, TIME);

const thrown: unknown[] = [];
const formatLine = (entry: LogEntry, as: LineFormat): string =>
  format(entry, as, (error) => thrown.push(error));

afterEach(() => expect(thrown.splice(0)).toEqual([]));

describe('formatLine', () => {
  describe('json', () => {
    it('holds every field in its order', () => {
      const entry = new LogEntry('p-1', 's1', 'hi', TIME, 'log', 'warn', 'Chat', { n: 1 });
      expect(formatLine(entry, 'json')).toBe(
        `{"uid":"p-1","timestamp":"${TIME}","sessionId":"s1","logType":"log","level":"warn",` +
          '"context":"Chat","message":"hi","data":{"n":1}}',
      );
    });

    it('leaves out what is not defined, and the position', () => {
      const stored: LogEntry = Object.assign(chat('hi'), { id: 'e-1' });
      expect(formatLine(stored, 'json')).toBe(
        `{"uid":"p-1","timestamp":"${TIME}","sessionId":"s1","logType":"chat","message":"hi"}`,
      );
    });

    it('reads back what a hostile message was, from one line', () => {
      const line = formatLine(chat(HOSTILE), 'json');
      expect(line).not.toMatch(/[\n\r]/);
      expect(JSON.parse(line)).toMatchObject({ message: HOSTILE });
    });
  });

  describe('text', () => {
    it('shows time, level, context, session, message and data', () => {
      const entry = new LogEntry('p-1', 's1', 'hi', TIME, 'log', 'warn', 'Chat', { n: 1 });
      expect(formatLine(entry, 'text')).toBe(`${TIME} WARN    [Chat] s1 hi {"n":1}`);
    });

    it('shows trace and stack, too, on the one line', () => {
      const entry = new LogEntry('p-1', 's1', 'hi', TIME, 'log', 'error');
      Object.assign(entry, { traceId: 'a1', spanId: 'b2' });
      Object.defineProperty(entry, 'stack', { value: 'Error: broken\n    at run (/app/a.js:1:2)' });
      expect(formatLine(entry, 'text')).toBe(
        `${TIME} ERROR   s1 hi traceId=a1 spanId=b2 Error: broken\\n    at run (/app/a.js:1:2)`,
      );
    });

    it('shows no session where a line has none', () => {
      const line = new LogLine('p-1', '', 'hi', TIME, 'log', 'log', 'Chat');
      expect(formatLine(line, 'text')).toBe(`${TIME} LOG     [Chat] hi`);
    });

    it('shows the type where there is no level', () => {
      expect(formatLine(chat('hi'), 'text')).toBe(`${TIME} CHAT    s1 hi`);
    });

    it('escapes line ends and control characters', () => {
      expect(formatLine(chat(HOSTILE), 'text')).toBe(
        `${TIME} CHAT    s1 a\\nb\\rc\\td\\u001b[31me\\u0000f\\u0085g\\u2028h\\u2029i\\u007fj`,
      );
    });

    it('escapes them in the context and in data too', () => {
      const entry = new LogEntry('p-1', 's1', 'hi', TIME, 'log', 'log', 'a\nb', { x: '\u2028\n' });
      expect(formatLine(entry, 'text')).toBe(`${TIME} LOG     [a\\nb] s1 hi {"x":"\\u2028\\n"}`);
    });

    it('leaves other characters alone', () => {
      expect(formatLine(chat('Grüße 👩‍👧 C:\\new'), 'text')).toContain('Grüße 👩‍👧 C:\\new');
    });
  });

  describe('a function', () => {
    it('makes the line, of which nothing ends it early', () => {
      expect(formatLine(chat('hi'), ({ message }) => `${message}\r\n\u2028\ud800`)).toBe(
        'hi\\r\\n\\u2028\ufffd',
      );
    });

    it.each([
      [
        'throws',
        () => {
          throw new Error('broken');
        },
        'broken',
      ],
      [
        'gives no text',
        (() => 7) as unknown as () => string,
        'it returned a value of type number, not a text',
      ],
    ])('that %s is told, and the line is JSON', (_, broken, message) => {
      expect(JSON.parse(formatLine(chat('hi'), broken))).toMatchObject({ message: 'hi' });
      expect(thrown.splice(0)).toEqual([expect.objectContaining({ message })]);
    });
  });
});

describe('formatDropNotice', () => {
  it('is a line of no session, in each format', () => {
    const notice = JSON.parse(formatDropNotice(12, 'json')) as object;
    expect(notice).toMatchObject({ level: 'warn', context: 'SessionLogger', data: { dropped: 12 } });
    expect(notice).not.toHaveProperty('sessionId');
    expect(formatDropNotice(12, 'text')).toMatch(/^\S+Z WARN {4}\[SessionLogger\] 12 entries were dropped/);
  });
});
