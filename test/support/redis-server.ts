import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether a server can be started here; tests that need one are skipped without. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

/** Says what is skipped, and what to install. */
export const NO_REDIS = 'is skipped: it needs redis-server (Debian: apt-get install redis-server)';

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A Redis of its own, on a free port, with a directory of its own. */
export class RedisServer {
  private process: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    readonly dir: string,
    private readonly settings: readonly string[],
  ) {}

  /** @param settings of redis-server, such as `--maxmemory 10mb` */
  static async start(...settings: string[]): Promise<RedisServer> {
    const server = new RedisServer(
      await freePort(),
      mkdtempSync(join(tmpdir(), 'session-logger-redis-')),
      settings,
    );
    await server.run();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, again where it was killed. */
  async run(): Promise<void> {
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.dir, '--save', ''];
    const child = spawn('redis-server', [...args, '--enable-debug-command', 'local', ...this.settings]);
    this.process = child;
    let text = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (more) => {
        text += String(more);
        if (text.includes('Ready to accept connections')) resolve();
      });
      child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${text}`)));
    });
  }

  /** Sends it a signal; after SIGKILL resolves once it is gone. */
  async signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const exited = signal === 'SIGKILL' ? once(this.process!, 'exit') : undefined;
    this.process!.kill(signal);
    await exited;
  }

  /** Ends it and removes its directory. */
  async stop(): Promise<void> {
    if (this.process?.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGCONT');
      await this.signal('SIGKILL');
    }
    rmSync(this.dir, { recursive: true, force: true });
  }
}
