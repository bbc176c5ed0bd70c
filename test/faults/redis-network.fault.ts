import { jest } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cleanUp, onCleanUp } from '../support/clean-up.js';
import { hasRedis } from '../support/redis-server.js';
import { endSession, logChat } from '../support/test-app.js';
import { until } from '../support/turns.js';
import { Follower, startReplica, texts } from './redis-bench.js';

const PORT = 6379;
const OURS = '10.233.77.1';
const THEIRS = '10.233.77.2';

jest.setTimeout(30_000);
afterEach(cleanUp);

const ip = (...args: string[]): string => {
  const { status, stdout, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
  return stdout;
};

/** Whether networks can be made here. */
const hasNetworks = process.getuid?.() === 0 && spawnSync('ip', ['netns', 'list']).status === 0;

/** A Redis on a host of its own, whose cable can be pulled: what is sent then goes nowhere, and nobody is told. */
class RemoteRedis {
  readonly url = `redis://${THEIRS}:${PORT}`;
  private readonly host = `session-logger-${process.pid}`;
  private readonly ours = `sl-${process.pid}`;
  private readonly theirs = `sr-${process.pid}`;

  async start(): Promise<void> {
    ip('netns', 'add', this.host);
    onCleanUp(() => ip('netns', 'del', this.host));
    ip('link', 'add', this.ours, 'type', 'veth', 'peer', 'name', this.theirs, 'netns', this.host);
    ip('addr', 'add', `${OURS}/30`, 'dev', this.ours);
    ip('link', 'set', this.ours, 'up');
    this.there('addr', 'add', `${THEIRS}/30`, 'dev', this.theirs);
    this.plugIn();
    const args = ['--bind', THEIRS, '--port', String(PORT), '--protected-mode', 'no', '--save', ''];
    const server = spawn('ip', ['netns', 'exec', this.host, 'redis-server', ...args]);
    onCleanUp(async () => {
      server.kill('SIGKILL');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
    });
    for await (const text of server.stdout) if (String(text).includes('Ready to accept')) break;
  }

  plugIn(): void {
    this.there('link', 'set', this.theirs, 'up');
  }

  pullOut(): void {
    this.there('link', 'set', this.theirs, 'down');
  }

  private there(...args: string[]): void {
    ip('-n', this.host, ...args);
  }
}

if (!hasRedis || !hasNetworks) {
  process.stderr.write(
    'redis-network.fault.ts is skipped: it needs root, redis-server and ip (Debian: apt-get install redis-server iproute2).\n',
  );
}

(hasRedis && hasNetworks ? describe : describe.skip)('A network that is cut', () => {
  it('stops no caller; readers keep their places, and get each entry once when it is whole again', async () => {
    const redis = new RemoteRedis();
    await redis.start();
    const apps = [await startReplica(redis), await startReplica(redis)];
    const readers = apps.map(({ logs }) => new Follower(logs, 's'));
    const expected: string[] = [];
    for (let round = 0; round < 3; round++) {
      const before = texts(`${round} before `, 20);
      const during = texts(`${round} during `, 200);
      await logChat(apps[0]!.logs, 's', ...before);
      redis.pullOut();
      for (const text of during) await apps[0]!.logs.logChunkToQueue(text, 's');
      expected.push(...before, ...during);
      for (const { logs } of apps) await until(() => !logs.isHealthy());
      redis.plugIn();
      for (const reader of readers) expect(await reader.take(220)).toEqual(expected.slice(-220));
    }
    await endSession(apps[1]!.logs, 's');
    for (const reader of readers) expect(await reader.rest()).toEqual([]);
    expect(apps[0]!.logs.stats().store).toMatchObject({ written: 660, failed: 0, dropped: 0 });
  });
});
