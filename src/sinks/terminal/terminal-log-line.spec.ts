import { LogEntry } from '../../entry/log-entry.js';
import { logLineFormat } from './terminal-log-line.js';

const NOON = '2026-11-22T12:00:00.000Z';
const log = (message: string, more: Partial<LogEntry> = {}): LogEntry =>
  new LogEntry('p-1', 's1', message, NOON, 'log', more.level, more.context, more.data);

describe('logLineFormat', () => {
  const time = new Date(NOON).toLocaleString();
  const look = `[SessionLogger] ${String(process.pid).padEnd(6)} ${time}`;

  it('has Nest’s look, with context, level, session and data', () => {
    const entry = log('Slow model', { level: 'warn', context: 'Agent', data: { ms: 900, level: 'x' } });
    expect(logLineFormat(false)(entry)).toBe(
      `${look}    WARN [Agent] Slow model - {"sessionId":"s1","data":{"ms":900,"level":"x"}}`,
    );
  });

  it('takes level log where none is given', () => {
    expect(logLineFormat(false)(log('Hello'))).toBe(`${look}     LOG  Hello - {"sessionId":"s1"}`);
  });

  it('colours by level', () => {
    expect(logLineFormat(true)(log('Broken', { level: 'error' }))).toContain('\x1b[31mBroken\x1b[39m');
  });

  it.each([false, true])('lets no text make a line of its own (colours: %s)', (colors) => {
    const forged = `a\n[Nest] 1  - ${time}     LOG [Auth] forged`;
    const entry = log(forged, { level: 'error', context: forged, data: { [forged]: forged } });
    Object.defineProperty(entry, 'stack', { value: `${forged}\n    at run (/app/a.js:1:2)` });
    const [first, ...more] = logLineFormat(colors)(entry).split('\n');
    expect(first).toContain('[a\\n[Nest]');
    expect(more).toHaveLength(4);
    for (const line of more) expect(line).toMatch(/^ {2}/);
    expect(more.at(-1)).toBe('      at run (/app/a.js:1:2)');
  });

  it.each([false, true])('writes out control characters everywhere (colours: %s)', (colors) => {
    const evil = '\x1b[2J\x9b\x7f\u202e\r';
    const entry = log(evil, { level: 'error', context: evil, data: { [evil]: [evil] } });
    const plain = logLineFormat(colors)(entry).replace(/\p{Cc}\[\d\dm/gu, '');
    expect(plain).toMatch(/^[^\p{Cc}\u202e]+$/u);
    expect(plain).toContain('[\\x1b[2J\\x9b\\x7f\\u202e\\x0d] \\x1b[2J\\x9b\\x7f\\u202e\\x0d - ');
    expect(plain).toContain('{"\\u001b[2J\\x9b\\x7f\\u202e\\r":["\\u001b[2J\\x9b\\x7f\\u202e\\r"]}');
  });
});
