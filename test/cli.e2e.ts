import { PassThrough } from 'node:stream';
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
  readonly done: Promise<Finished>;

  constructor(args: readonly string[], isTTY = false) {
    let notes = '';
    this.out.setEncoding('utf8').on('data', (text: string) => (this.text += text));
    this.err.setEncoding('utf8').on('data', (text: string) => (notes += text));
    const context = {
      output: new Output(Object.assign(this.out, { isTTY })),
      notes: new Output(this.err),
      signal: this.interrupting.signal,
    };
    this.done = run(args, context).then((code) => ({ code, output: this.text, notes }));
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
    [['tail', 'http://x/logs/s', '--header', 'x'], 'has no name'],
    [['tail', 'http://x/logs/s', '--colour'], '--colour'],
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
  });
});
