import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cleanUp, onCleanUp } from '../support/clean-up.js';
import { describeWith } from '../support/describe-with.js';
import { startFetchServer } from '../support/fetch-server.js';
import { endSession, logChat } from '../support/test-app.js';

afterEach(cleanUp);

/** A command line in a shell, in a terminal of its own or without one. */
class Shell {
  text = '';
  readonly child: ChildProcess;

  constructor(
    line: string,
    { inTerminal = false, env = {} }: { inTerminal?: boolean; env?: Record<string, string> } = {},
  ) {
    const [program, args] = inTerminal
      ? ['script', ['-qfec', line, '/dev/null']]
      : ['bash', ['-o', 'pipefail', '-c', line]];
    this.child = spawn(program, args, { env: { ...process.env, NODE_OPTIONS: '', ...env } });
    onCleanUp(() => this.child.kill('SIGKILL'));
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.text += text));
    }
  }

  async wrote(text: string): Promise<void> {
    while (!this.text.includes(text)) await once(this.child.stdout!, 'data');
  }

  async code(): Promise<number | null> {
    if (this.child.exitCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }
}

const CLI = 'node dist/cli/main.js';

describeWith('script', 'apt-get install bsdutils')('the command line', () => {
  it('has colours in a terminal, and ends by Ctrl-C', async () => {
    const { url, logs } = await startFetchServer();
    await logChat(logs, 's', '<think>why</think>So.');
    const shell = new Shell(`${CLI} tail ${url}/logs/s`, { inTerminal: true });
    await shell.wrote('So.');
    expect(shell.text).toContain('\x1b[2mwhy\x1b[22m');
    shell.child.stdin!.write('\x03');
    expect(await shell.code()).toBe(130);
  });

  it('has none with NO_COLOR, nor in a pipe', async () => {
    const { url, logs } = await startFetchServer();
    await logChat(logs, 's', '<think>why</think>So.');
    await endSession(logs, 's');
    const plain = new Shell(`${CLI} tail ${url}/logs/s`, { inTerminal: true, env: { NO_COLOR: '1' } });
    expect(await plain.code()).toBe(0);
    const piped = new Shell(`${CLI} tail ${url}/logs/s | cat`);
    expect(await piped.code()).toBe(0);
    expect([plain.text, piped.text].map((text) => text.replaceAll('\r', ''))).toEqual([
      'why\nSo.\n',
      'why\nSo.\n',
    ]);
  });

  it('ends quietly where whoever read it has gone', async () => {
    const { url, logs } = await startFetchServer();
    const line = 'x'.repeat(100_000);
    for (let count = 0; count < 20; count++) {
      await logs.logEntryToQueue({ sessionId: 's', logType: 'log', message: `${count} ${line}` });
    }
    await endSession(logs, 's');
    const shell = new Shell(`${CLI} tail ${url}/logs/s | head -c 10`);
    expect(await shell.code()).toBe(0);
    expect(shell.text).toHaveLength(10);
  });
});
