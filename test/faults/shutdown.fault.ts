import { jest } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { cleanUp, onCleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';
import { FaultChild } from './fault-child.js';
import { linesIn, numbers } from './lines.js';

const CLIENTS = 1_000;
const COUNT = 10_000;

jest.setTimeout(60_000);
afterEach(cleanUp);

/** A client of one session; resolves once its stream has begun. */
async function follow(port: number, session: string): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect(port, '127.0.0.1');
  onCleanUp(() => socket.destroy());
  let text = '';
  socket.setEncoding('utf8');
  socket.write(`GET /logs/${session} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const begun = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('event: position')) resolve();
    });
  });
  await begun;
  return { socket, text: () => text };
}

it('SIGTERM with 10,000 entries queued, 1,000 clients and one that takes nothing: all is brought home', async () => {
  const dir = tempDir();
  const options = { files: { dir }, http: { authorize: 'none' as const } };
  const flood = 2 ** 24;
  const limits = { messageBytes: flood, sessionBytes: 2 ** 27 };
  const job = { task: 'serve', late: true, count: COUNT, sessions: CLIENTS, flood };
  const child = new FaultChild({ ...job, options: { ...options, limits } });
  const { port } = await child.told<{ port: number }>();
  const clients = [];
  for (let n = 0; n < CLIENTS; n++) clients.push(await follow(port, `s-${n}`));
  const stalled = await follow(port, 'stalled');
  stalled.socket.pause();
  const ends = clients.map(({ socket }) => once(socket, 'end'));
  child.process.send('go');
  expect(await child.exited).toEqual({ code: 0, signal: null });
  await Promise.all(ends);
  for (const [n, { text }] of clients.entries()) {
    const messages = [...text().matchAll(/"message":"(\d+)"/g)].map(([, message]) => message);
    expect(messages).toEqual(numbers(COUNT / CLIENTS).map((at) => String(Number(at) * CLIENTS + n)));
    expect(text()).toMatch(/\n\nretry: \d+\n\n$/);
  }
  const { entries, skipped } = await linesIn(dir);
  const [, ...rest] = entries.map((entry) => entry.message);
  expect(skipped).toBe(0);
  expect(rest.slice(0, COUNT)).toEqual(numbers(COUNT));
  expect(rest.slice(COUNT)).toEqual([
    'onModuleDestroy',
    'beforeApplicationShutdown',
    'onApplicationShutdown',
  ]);
  expect(child.stderr).toBe('');
});

it('closing never waits for a sink that hangs', async () => {
  const dir = tempDir();
  const options = { files: { dir }, limits: { flushTimeout: 200 } };
  const child = new FaultChild({ task: 'given', options, sink: 'hanging' });
  await child.ask([{ message: 'a', sessionId: 's' }]);
  expect(await child.exited).toEqual({ code: 0, signal: null });
  expect((await linesIn(dir)).entries).toMatchObject([{ message: 'a' }]);
  expect(child.stdout + child.stderr).toContain('hanging: 0 failed, 0 dropped, 1 pending');
});
