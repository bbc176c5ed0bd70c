import * as fc from 'fast-check';
import { PassThrough } from 'node:stream';
import { LogEntry } from '../../entry/log-entry.js';
import { DEFAULT_TOKENS } from '../../entry/special-tokens.js';
import { TerminalSink, type TerminalSinkOptions } from './terminal.sink.js';

const NOON = '2026-11-22T12:00:00.000Z';
const chat = (sessionId: string, message: string): LogEntry => new LogEntry('p-1', sessionId, message, NOON);
const log = (sessionId: string, message: string): LogEntry =>
  new LogEntry('p-2', sessionId, message, NOON, 'log');

function terminal(options: Partial<TerminalSinkOptions> = {}): { sink: TerminalSink; shown: () => string } {
  const stream = new PassThrough({ encoding: 'utf8' });
  let shown = '';
  stream.on('data', (text: string) => (shown += text));
  return { sink: new TerminalSink({ tokens: DEFAULT_TOKENS, stream, ...options }), shown: () => shown };
}

async function show(entries: LogEntry[], options?: Partial<TerminalSinkOptions>): Promise<string> {
  const { sink, shown } = terminal(options);
  for (const entry of entries) await sink.write([entry]);
  await sink.flush();
  await sink.close();
  return shown();
}

describe('TerminalSink, chat', () => {
  it('prints one session as a running text, without tokens, an end token as a newline', async () => {
    const reply = '<start><think>Hm.</think>Let me <tool>{}</tool>see.</end>';
    expect(await show([chat('s1', reply)])).toBe('Hm.\nLet me {}see.\n');
  });

  it('prints the same however the reply is cut', async () => {
    const reply = '<start><think>a<b</think>\n<<tool>x</tool> 1 </ 2</end><';
    const whole = await show([chat('s1', reply)]);
    const cut = fc
      .array(fc.nat(reply.length), { maxLength: 8 })
      .map((at) => [...at, 0].toSorted((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(cut, async (cuts) => {
        const chunks = cuts.map((from, index) => reply.slice(from, cuts[index + 1]));
        expect(await show(chunks.map((chunk) => chat('s1', chunk)))).toBe(whole);
      }),
    );
  });

  it('holds back what may begin a token until the next chunk or flush()', async () => {
    const { sink, shown } = terminal();
    await sink.write([chat('s1', 'a <th')]);
    expect(shown()).toBe('a ');
    await sink.write([chat('s1', 'ree </')]);
    expect(shown()).toBe('a <three ');
    await sink.flush();
    expect(shown()).toBe('a <three </');
  });

  it('finds replaced tokens', async () => {
    const tokens = { ...DEFAULT_TOKENS, streamEnd: '[DONE]', reasoningStart: '«' };
    expect(await show([chat('s1', '«hm</think><think>[DO'), chat('s1', 'NE]')], { tokens })).toBe(
      'hm\n<think>\n',
    );
  });

  it('tags the text of another session than the one before', async () => {
    const entries = [
      chat('s1', 'one'),
      chat('s2', 'two'),
      chat('s2', ' more'),
      chat('s1', 'three\n'),
      chat('s2', 'four'),
    ];
    expect(await show(entries)).toBe('one\n[s2] two more\n[s1] three\n[s2] four');
  });

  it('does not break the line of another session for an end token', async () => {
    expect(
      await show([chat('s1', 'one'), chat('s2', 'two '), chat('s1', '</end>'), chat('s2', 'words')]),
    ).toBe('one\n[s2] two words');
  });

  it('takes no turn for an empty message or for tokens', async () => {
    expect(await show([chat('s1', 'one '), chat('s2', ''), chat('s2', '<think>'), chat('s1', 'line')])).toBe(
      'one line',
    );
  });

  it('holds text back for 1,000 sessions, then prints the one that was silent longest', async () => {
    const { sink, shown } = terminal();
    await sink.write(Array.from({ length: 1000 }, (_, n) => chat(`s${n}`, '<')));
    expect(shown()).toBe('');
    await sink.write([chat('new', 'new <')]);
    expect(shown()).toBe('new \n[s0] <');
  });

  it('writes out control characters, also when they are cut', async () => {
    const shown = await show([chat('s1', 'a\x1b'), chat('s1', ']0;title\x07\tb\r\n\u202ec')]);
    expect(shown).toBe('a\\x1b]0;title\\x07\tb\\x0d\n\\u202ec');
  });
});

describe('TerminalSink, colours', () => {
  const entries = [chat('s1', 'one'), chat('s2', 'two')];
  const tty = (): PassThrough => Object.assign(new PassThrough(), { isTTY: true });
  const shownOn = async (stream: PassThrough): Promise<string> => {
    await show(entries, { stream });
    return String(stream.read());
  };

  afterEach(() => {
    delete process.env['NO_COLOR'];
  });

  it('dims tags on a terminal', async () => {
    expect(await shownOn(tty())).toBe('one\n\x1b[2m[s2]\x1b[22m two');
  });

  it('uses none elsewhere, and none with NO_COLOR', async () => {
    expect(await shownOn(new PassThrough())).toBe('one\n[s2] two');
    process.env['NO_COLOR'] = '1';
    expect(await shownOn(tty())).toBe('one\n[s2] two');
  });
});

describe('TerminalSink, log lines', () => {
  it('start on a fresh line and are never tagged', async () => {
    const shown = await show([
      chat('s1', 'one '),
      log('s1', 'Half'),
      chat('s1', 'two'),
      log('s2', 'Full'),
      chat('s1', 'three'),
    ]);
    const lines = shown.split('\n');
    expect(lines).toEqual([
      'one ',
      expect.stringMatching(/LOG  Half - /),
      'two',
      expect.stringMatching(/LOG  Full - /),
      '[s1] three',
    ]);
  });

  it('leave no empty line after an end token', async () => {
    expect(await show([chat('s1', 'one</think>'), log('s1', 'Hello')])).toMatch(/^one\n\[.* Hello - .*\n$/);
  });

  it('do not look for tokens', async () => {
    expect(await show([log('s1', 'saw </think>')])).toContain('saw </think> - ');
  });
});
