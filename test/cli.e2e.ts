import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { run } from '../src/cli/run.js';
import { Output } from '../src/cli/output.js';
import { cleanUp } from './support/clean-up.js';
import { startFetchServer } from './support/fetch-server.js';
import { tempDir } from './support/temp-dir.js';
import { endSession, logChat } from './support/test-app.js';

afterEach(cleanUp);

interface Finished {
  code: number;
  output: string;
  notes: string;
}

/** A command that runs, on what is a terminal with colours or none. */
class Command {
  private readonly out = new PassThrough();
  private readonly err = new PassThrough();
  private readonly interrupting = new AbortController();
  private text = '';
  private notes = '';
  /** All that a terminal is given. */
  screen = '';
  readonly done: Promise<Finished>;

  constructor(args: readonly string[], isTTY = false, isErrTTY = false) {
    this.out.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
      if (isTTY) this.screen += text;
    });
    this.err.setEncoding('utf8').on('data', (text: string) => {
      this.notes += text;
      if (isErrTTY) this.screen += text;
    });
    const context = {
      output: new Output(Object.assign(this.out, { isTTY })),
      notes: new Output(Object.assign(this.err, { isTTY: isErrTTY })),
      signal: this.interrupting.signal,
    };
    this.done = run(args, context).then((code) => ({ code, output: this.text, notes: this.notes }));
  }

  /** Resolves when something has been told. */
  async noted(): Promise<void> {
    if (this.notes === '') await new Promise((resolve) => this.err.once('data', resolve));
  }

  /** Resolves when that text has been written. */
  async wrote(text: string): Promise<void> {
    while (!this.text.includes(text)) await new Promise((resolve) => this.out.once('data', resolve));
  }

  interrupt(): void {
    this.interrupting.abort();
  }

  /** As `head` does. */
  leave(): void {
    this.out.destroy(Object.assign(new Error('nobody reads'), { code: 'EPIPE' }));
  }
}

const finished = (args: readonly string[], isTTY = false): Promise<Finished> => new Command(args, isTTY).done;

async function startReply(): Promise<Awaited<ReturnType<typeof startFetchServer>>> {
  const app = await startFetchServer({ http: { retry: 1, list: true } });
  await app.logs.logEntryToQueue({ sessionId: 's', message: 'And?', context: 'user' });
  await app.logs.capture(
    's',
    [
      { type: 'reasoning-delta', text: 'I look.' },
      { type: 'tool-call', toolCallId: 'c', toolName: 'weather', input: { city: 'Bern' } },
      { type: 'tool-result', toolCallId: 'c', toolName: 'weather', output: 'sunny' },
      { type: 'text-delta', text: 'It is sunny.' },
    ],
    { end: false },
  );
  await app.logs.logEntryToQueue({
    sessionId: 's',
    logType: 'log',
    level: 'warn',
    context: 'Chat',
    message: 'slow',
    data: { ms: 5 },
    timestamp: '2026-01-02T03:04:05.678Z',
  });
  return app;
}

describe('tail', () => {
  it('follows a session to its end', async () => {
    const { url, logs } = await startReply();
    const command = new Command(['tail', `${url}/logs/s`]);
    await command.wrote('slow');
    await logChat(logs, 's', 'More ', 'of it');
    await endSession(logs, 's');
    const { code, output, notes } = await command.done;
    expect([code, notes]).toEqual([0, '']);
    expect(output).toBe(
      [
        'user: And?',
        'I look.',
        'weather({"city":"Bern"})',
        'weather → sunny',
        'It is sunny.',
        '03:04:05.678 WARN    [Chat] slow {"ms":5}',
        'More of it',
        '',
      ].join('\n'),
    );
  });

  it('dims reasoning and colours levels on a terminal, and writes control characters out', async () => {
    const { url, logs } = await startReply();
    await logs.logEntryToQueue({
      sessionId: 's',
      logType: 'log',
      level: 'error',
      message: '\x1b[2Jgone\u202e',
    });
    await endSession(logs, 's');
    const { output } = await finished(['tail', `${url}/logs/s`], true);
    expect(output).toContain('\x1b[2mI look.\x1b[22m');
    expect(output).toContain('\x1b[33mWARN   \x1b[39m');
    expect(output).toContain('\\x1b[2Jgone\\u202e');
  });

  it('comes back after a cut, and says so', async () => {
    const { url, logs, app } = await startReply();
    const command = new Command(['tail', `${url}/logs/s`]);
    await command.wrote('slow');
    (app.getHttpServer() as { closeAllConnections(): void }).closeAllConnections();
    await logChat(logs, 's', 'More');
    await command.wrote('More');
    await endSession(logs, 's', { error: 'it broke' });
    const { code, output, notes } = await command.done;
    expect([code, notes]).toEqual([1, 'The session has failed: it broke\n']);
    expect(output.match(/slow|More|-- the connection was lost/g)).toEqual([
      'slow',
      '-- the connection was lost',
      'More',
    ]);
  });

  it('shows all of a snapshot that is so long that it comes in pieces', async () => {
    const { url, logs } = await startFetchServer();
    const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(200_000));
    for (const message of texts)
      await logs.logEntryToQueue({ sessionId: 's', message, context: message[0]! });
    await endSession(logs, 's');
    const { output } = await finished(['tail', `${url}/logs/s`]);
    expect(output).toBe(texts.map((text) => `${text[0]!}: ${text}\n`).join(''));
  });

  it('says where the beginning is no longer kept', async () => {
    const { logs, url } = await startFetchServer({ limits: { sessionEntries: 3 } });
    await logChat(logs, 's', 'a', 'b', 'c', 'd');
    await endSession(logs, 's');
    expect((await finished(['tail', `${url}/logs/s`])).output).toBe(
      '-- first entries that are no longer kept: 2\ncd\n',
    );
  });

  it('tells a tool that failed from one that returned, and that a session was cancelled', async () => {
    const { url, logs } = await startFetchServer();
    const call = { toolCallId: 'c', toolName: 'weather' };
    await logs.capture(
      's',
      [
        { type: 'tool-call', ...call, input: {} },
        { type: 'tool-error', ...call, error: new Error('no such city') },
      ],
      { end: false },
    );
    await logs.cancelSession('s', 'enough');
    expect(await finished(['tail', `${url}/logs/s`])).toMatchObject({
      code: 0,
      notes: 'The session was cancelled: enough.\n',
      output: 'weather({})\nweather failed: no such city\n',
    });
  });

  it('says at once, and once, that nobody is there', async () => {
    const { url, app } = await startReply();
    await app.close();
    const command = new Command(['tail', `${url}/logs/s`]);
    await command.wrote('-- the connection was lost');
    command.interrupt();
    const { code, output } = await command.done;
    expect([code, output]).toEqual([130, '-- the connection was lost; coming back\n']);
  });

  it('lets no tool, context or error do anything to the terminal, or pass for a line of its own', async () => {
    const { url, logs } = await startReply();
    const forged = 'x\n\x1b]0;mine\x07forged';
    await logs.capture(
      's',
      [
        { type: 'tool-call', toolCallId: 'c', toolName: forged, input: {} },
        { type: 'tool-result', toolCallId: 'c', toolName: forged, output: forged },
      ],
      { end: false },
    );
    await endSession(logs, 's', { error: forged });
    const { output, notes } = await finished(['tail', `${url}/logs/s`]);
    for (const text of [output, notes]) {
      expect(text).not.toContain('\x1b');
      expect(text).not.toMatch(/^(?:\\x1b|forged)/m);
      expect(text).toContain('forged');
    }
  });

  it('gives entries as JSON, those asked for alone', async () => {
    const { url, logs } = await startReply();
    await endSession(logs, 's');
    const { output } = await finished(['tail', `${url}/logs/s`, '--json', '--filter', 'SUNNY']);
    const lines = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { message: string });
    expect(lines.map(({ message }) => message)).toEqual(['It is sunny.']);
    const recent = await finished(['tail', `${url}/logs/s`, '--json', '--since', '1h']);
    expect(recent.output).toContain('sunny');
    expect(recent.output).not.toContain('slow');
  });

  it('shows what is recent, or what has a text, alone', async () => {
    const { url, logs } = await startReply();
    await endSession(logs, 's');
    const filtered = await finished(['tail', `${url}/logs/s`, '--filter', 'Sunny']);
    expect(filtered.output).toBe('weather → sunny\nIt is sunny.\n');
    expect((await finished(['tail', `${url}/logs/s`, '--since', '1h'])).output).not.toContain('slow');
    expect((await finished(['tail', `${url}/logs/s`, '--since', '2999-01-01'])).output).toBe('');
  });

  it('sends headers, and says that it was refused', async () => {
    const authorize = ({ headers }: { headers: Record<string, unknown> }): boolean =>
      headers['x-key'] === 'a: b';
    const { url, logs } = await startFetchServer({ http: { authorize } });
    await logChat(logs, 's', 'in');
    await endSession(logs, 's');
    expect(await finished(['tail', `${url}/logs/s`, '--header', 'X-Key: a: b'])).toMatchObject({
      code: 0,
      output: 'in\n',
    });
    const refused = await finished(['tail', `${url}/logs/s`]);
    expect(refused).toMatchObject({ code: 1, output: '', notes: expect.stringContaining('403') as string });
  });

  it('ends at once where it is interrupted, or nobody reads any more', async () => {
    const { url, logs } = await startReply();
    const interrupted = new Command(['tail', `${url}/logs/s`]);
    await interrupted.wrote('slow');
    interrupted.interrupt();
    expect(await interrupted.done).toMatchObject({ code: 130 });
    const left = new Command(['tail', `${url}/logs/s`]);
    await left.wrote('slow');
    left.leave();
    await logChat(logs, 's', 'More');
    expect(await left.done).toMatchObject({ code: 0, notes: '' });
  });
});

describe('sessions', () => {
  it('lists them all', async () => {
    const { url, logs } = await startFetchServer({ http: { list: true } });
    for (let count = 0; count < 150; count++) await logChat(logs, `chat-${count}`, 'a');
    await endSession(logs, 'chat-7');
    const { code, output } = await finished(['sessions', `${url}/logs`]);
    expect(code).toBe(0);
    expect(output.trim().split('\n')).toHaveLength(150);
    expect(output).toMatch(/^\S+Z {2}completed {7}2 entries {4}0 readers {2}chat-7$/m);
    const json = await finished(['sessions', `${url}/logs`, '--json']);
    expect(JSON.parse(json.output.split('\n')[0]!)).toMatchObject({ state: 'open' });
  });

  it('says where the list is off, and where there is no server', async () => {
    const { url, close } = await startFetchServer();
    expect(await finished(['sessions', `${url}/logs`])).toMatchObject({
      code: 1,
      notes: expect.stringContaining('http: { list: true }') as string,
    });
    await close();
    expect(await finished(['sessions', `${url}/logs`])).toMatchObject({ code: 1 });
  });

  it('says where nobody answers', async () => {
    const { url, app } = await startFetchServer({ http: { list: true } });
    await app.close();
    const { code, notes } = await finished(['sessions', `${url}/logs`]);
    expect(code).toBe(1);
    expect(notes).toMatch(
      /^http:\/\/\S+\/logs cannot be reached: .*ECONNREFUSED.*Is the server running there\?\n$/,
    );
  });
});

describe('cat', () => {
  it('reads a session back from the files', async () => {
    const dir = tempDir();
    const { logs } = await startFetchServer({ files: { dir } });
    await logChat(logs, 's', '<start><think>wh', 'y</think>So.');
    await logs.logEntryToQueue({
      sessionId: 's',
      logType: 'log',
      message: 'done',
      timestamp: '2026-01-02T03:04:05.678Z',
    });
    await logChat(logs, 'other', 'not this');
    await logs.flush();
    expect(await finished(['cat', dir, '--session', 's'])).toEqual({
      code: 0,
      output: 'why\nSo.\n03:04:05.678 LOG     done\n',
      notes: '',
    });
    const { output } = await finished(['cat', dir, '--session', 's', '--json', '--since', '1h']);
    expect(output.trim().split('\n')).toHaveLength(2);
    expect(await finished(['cat', dir, '--session', 'none'])).toMatchObject({
      code: 1,
      notes: expect.stringContaining('nothing of session none') as string,
    });
    expect(await finished(['cat', `${dir}/none`, '--session', 's'])).toMatchObject({
      code: 1,
      notes: expect.stringMatching(/none cannot be read: ENOENT/) as string,
    });
  });
});

describe('cat of much', () => {
  const BLANK = `${' '.repeat(1024 * 1024 - 1)}\n`;
  const ERASED = '<erased>';
  /** A bar, on a line that was erased before. */
  const BAR = /<erased>█*░* (\d+) % of (\S+ MiB)\r/g;
  const legible = (text: string): string => text.replaceAll('\r\x1b[K', ERASED);
  const lineOf = (message: string): string =>
    `${JSON.stringify({ uid: `p-${message}`, timestamp: '2026-11-22T12:00:00.000Z', sessionId: 's', logType: 'chat', message })}\n`;

  /** An entry, as many MiB as are wanted, another entry; then an archive. */
  function bigDir(megabytes: number): string {
    const dir = tempDir();
    const last = lineOf('more\nof it');
    writeFileSync(join(dir, '2026-11-22.log'), lineOf('one ') + BLANK.repeat(megabytes) + last);
    writeFileSync(join(dir, '2026-11-23.log.gz'), gzipSync(BLANK.repeat(8) + lineOf(' end'), { level: 0 }));
    return dir;
  }

  const percentsOf = (text: string): number[] =>
    [...legible(text).matchAll(BAR)].map(([, percent]) => Number(percent));

  it('tells on stderr how far it is, by bytes as they are on the disk, and leaves nothing of that', async () => {
    const command = new Command(['cat', bigDir(40), '--session', 's', '--json'], false, true);
    const { code, output, notes } = await command.done;
    expect([code, output.trim().split('\n').length]).toEqual([0, 3]);
    const percents = percentsOf(notes);
    expect(percents).toEqual([...new Set(percents)].toSorted((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
    // The log is read whole at 40 of 48 MiB, before what is in the archive.
    expect(percents.filter((percent) => percent > 83).length).toBeGreaterThan(10);
    expect(notes).toContain(' of 48 MiB');
    expect(legible(notes).replaceAll(BAR, '').replaceAll(ERASED, '')).toBe('');
    expect(legible(notes).endsWith(ERASED)).toBe(true);
  });

  it('on one terminal writes lines where no bar is', async () => {
    const command = new Command(['cat', bigDir(40), '--session', 's'], true, true);
    const { output } = await command.done;
    expect(output).toBe('one more\nof it end\n');
    expect(percentsOf(command.screen).length).toBeGreaterThan(50);
    // Whatever follows a bar takes it away first.
    expect(legible(command.screen).match(/MiB\r(?!<erased>)/)).toBeNull();
    expect(legible(command.screen).replaceAll(BAR, '').replaceAll(ERASED, '')).toBe(output);
  });

  it.each([
    ['files are small', 8, true, undefined],
    ['stderr is no terminal', 40, false, undefined],
    ['a terminal can do nothing', 40, true, 'dumb'],
  ])('tells nothing where %s', async (_case, megabytes, isErrTTY, term) => {
    const { TERM } = process.env;
    if (term !== undefined) process.env['TERM'] = term;
    const command = new Command(['cat', bigDir(megabytes), '--session', 's'], false, isErrTTY);
    expect(await command.done).toMatchObject({ code: 0, notes: '' });
    process.env['TERM'] = TERM;
  });

  it('is interrupted also where nothing is found', async () => {
    const command = new Command(['cat', bigDir(40), '--session', 'none'], false, true);
    await command.noted();
    command.interrupt();
    const { code, notes } = await command.done;
    expect(code).toBe(130);
    expect(percentsOf(notes).at(-1)).toBeLessThan(100);
    expect(legible(notes).endsWith(ERASED)).toBe(true);
  });
});

describe('arguments', () => {
  it.each([
    [[], 'A command is missing'],
    [['watch', 'x'], 'There is no command watch'],
    [['tail'], 'needs a URL'],
    [['tail', 'chat-1'], 'chat-1 is no URL'],
    [['tail', 'http://x/logs/s', 'more'], 'more is too much'],
    [['cat', '.'], 'cat needs --session'],
    [['cat'], 'needs a directory'],
    [['tail', 'http://x/logs/s', '--since', 'later'], '--since later is no time'],
    [['tail', 'http://x/logs/s', '--header', 'x'], '--header x is no header'],
    [['tail', 'http://x/logs/s', '--header', 'A: …'], 'is no header'],
    [['tail', 'http://x/logs/s', '--since', '10'], '--since 10 is no time'],
    [['tail', 'http://x/logs/s', '--colour'], 'There is no option --colour.\n'],
    [['tail', 'http://x/logs/s', '--session', 's'], 'tail takes no --session; expected --header, --since,'],
    [['sessions', 'http://x/logs', '--filter', 's'], 'sessions takes no --filter'],
    [['cat', '.', '--session', 's', '--header', 'a: b'], 'cat takes no --header'],
  ])('%j are refused', async (args, message) => {
    const { code, output, notes } = await finished(args);
    expect([code, output]).toEqual([2, '']);
    expect(notes).toContain(message);
    expect(notes).toContain('--help');
  });

  it('explain themselves', async () => {
    expect(await finished(['--help'])).toMatchObject({
      code: 0,
      output: expect.stringContaining('tail <url>') as string,
    });
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await finished(['--version'])).toEqual({ code: 0, output: `${version}\n`, notes: '' });
  });
});
