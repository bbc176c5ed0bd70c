import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanUp, onCleanUp } from '../support/clean-up.js';
import { describeWith } from '../support/describe-with.js';
import { tempDir } from '../support/temp-dir.js';
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

  describe('cat of a file that is long to read', () => {
    const BAR = /█*░+ \d+ % of 8,192 MiB/;
    const last = JSON.stringify({ uid: 'p-1', sessionId: 's', message: 'found', timestamp: '2026-01-01' });

    /** 8 GiB, of which the disk holds next to nothing. */
    function endlessLog(): string {
      const dir = tempDir();
      writeFileSync(join(dir, '2026-11-22.log'), `${last}\n`);
      truncateSync(join(dir, '2026-11-22.log'), 8 * 1024 ** 3);
      return dir;
    }

    it.each([
      ['a terminal', ''],
      ['a file', '> /dev/null'],
    ])('draws a bar while it writes to %s, and takes it away at Ctrl-C', async (_case, redirect) => {
      const shell = new Shell(`${CLI} cat ${endlessLog()} --session s --json ${redirect}`, {
        inTerminal: true,
        env: { NO_COLOR: '1' },
      });
      await shell.wrote(' 1 % of 8,192 MiB');
      expect(shell.text).toMatch(BAR);
      expect(shell.text.includes(`${last}\r\n`)).toBe(redirect === '');
      shell.child.stdin!.write('\x03');
      expect(await shell.code()).toBe(130);
      expect(shell.text.endsWith('\r\x1b[K')).toBe(true);
      expect(shell.text).not.toContain('\x1b[3');
    });

    it('gives a pipe the lines alone, and draws none among what another program shows', async () => {
      const dir = endlessLog();
      truncateSync(join(dir, '2026-11-22.log'), 64 * 1024 ** 2);
      const shell = new Shell(`${CLI} cat ${dir} --session s --json | cat`, { inTerminal: true });
      expect(await shell.code()).toBe(0);
      expect(shell.text.replaceAll('\r', '')).toContain(`${last}\n`);
      expect(shell.text.match(/ % of /g) ?? []).toHaveLength(0);
    });
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
