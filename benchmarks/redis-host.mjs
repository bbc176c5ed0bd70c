/** Keeps a redis-server for as long as its parent lives: nothing is saved to disk. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endWithParent } from './child.mjs';

const port = await freePort();
const dir = mkdtempSync(join(tmpdir(), 'session-logger-bench-'));
const args = [
  '--port',
  String(port),
  '--bind',
  '127.0.0.1',
  '--dir',
  dir,
  '--save',
  '',
  '--appendonly',
  'no',
];
const server = spawn('redis-server', args);

process.once('exit', () => {
  server.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});
endWithParent();
let log = '';
server.stdout.on('data', (more) => {
  const wasReady = isReady();
  log = (log + String(more)).slice(-10_000);
  if (isReady() && !wasReady) process.send?.({ url: `redis://127.0.0.1:${port}` });
});
server.once('exit', (code) => {
  throw new Error(`redis-server ended with ${code}: ${log}`);
});

function isReady() {
  return log.includes('Ready to accept connections');
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address());
  probe.close();
  await once(probe, 'close');
  return port;
}
