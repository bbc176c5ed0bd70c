import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onCleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';

export const NGINX = '/usr/sbin/nginx';

/**
 * Starts nginx before the server at `port` with nothing set but where to listen; gives its origin.
 *
 * @param protocol `http2` has it speak that to clients, without TLS
 */
export async function startNginx(port: number, protocol: 'http2' | '' = ''): Promise<string> {
  const prefix = tempDir();
  const own = await freePort();
  mkdirSync(join(prefix, 'logs'));
  writeFileSync(
    join(prefix, 'nginx.conf'),
    `daemon off;
    pid nginx.pid;
    error_log stderr notice;
    events {}
    http {
      access_log off;
      server {
        listen 127.0.0.1:${own} ${protocol};
        location / { proxy_pass http://127.0.0.1:${port}; }
      }
    }`,
  );
  const child = spawn(NGINX, ['-p', prefix, '-c', 'nginx.conf', '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(child, 'exit');
  onCleanUp(() => {
    child.kill();
    return exited;
  });
  const said: string[] = [];
  for await (const line of createInterface(child.stderr)) {
    said.push(line);
    // By then it listens.
    if (line.includes('start worker process ')) return `http://127.0.0.1:${own}`;
  }
  throw new Error(`nginx did not start:\n${said.join('\n')}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}
