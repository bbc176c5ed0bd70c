import { transformFileSync } from '@swc/core';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Waits until its stdout has no reader any more, prints on it, and tells on stderr what came of it. */
const CHILD = `
import { defaultStreamHandler } from './sinks/terminal/default-stream-handler.js';
import { TerminalSink } from './sinks/terminal/terminal.sink.js';
import { DEFAULT_TOKENS } from './entry/special-tokens.js';

process.stdin.once('data', async () => {
  defaultStreamHandler('lost');
  defaultStreamHandler('</think>');
  await new Promise(setImmediate); // the errors come before the sink listens
  const sink = new TerminalSink({ tokens: DEFAULT_TOKENS });
  const entry = { sessionId: 's1', message: 'lost', logType: 'chat' };
  const codes = [];
  for (let n = 0; n < 2; n++) await sink.write([entry]).catch((error) => codes.push(error.code));
  await sink.close();
  console.error(codes.join() + ' ' + process.stdout.listenerCount('error'));
  process.stdin.pause();
});
console.error('ready');
`;

const options = { jsc: { target: 'es2023', parser: { syntax: 'typescript', decorators: true } } } as const;

function compile(room: string, to: string): void {
  mkdirSync(join(to, room), { recursive: true });
  for (const file of readdirSync(join('src', room))) {
    if (!file.endsWith('.ts') || file.endsWith('.spec.ts')) continue;
    const { code } = transformFileSync(join('src', room, file), { ...options, module: { type: 'es6' } });
    writeFileSync(join(to, room, file.replace(/\.ts$/, '.js')), code);
  }
}

describe('a process whose stdout is closed early', () => {
  let dir: string;

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'closed-stdout-'));
    ['entry', 'sinks/terminal'].forEach((room) => compile(room, dir));
    symlinkSync(resolve('node_modules'), join(dir, 'node_modules'));
    writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
    writeFileSync(join(dir, 'child.js'), CHILD);
  });

  afterAll(() => rmSync(dir, { recursive: true }));

  it('lives on; each batch of the terminal sink rejects', async () => {
    const child = spawn(process.execPath, [join(dir, 'child.js')]);
    let told = '';
    child.stderr.on('data', (text: Buffer) => (told += text.toString()));
    const exit = once(child, 'close');
    await once(child.stderr, 'data');
    child.stdout.destroy();
    await once(child.stdout, 'close');
    child.stdin.write('go');
    expect(await exit).toEqual([0, null]);
    expect(told).toBe('ready\nEPIPE,EPIPE 0\n');
  });
});
