import { EventEmitterModule, OnEvent } from '@nestjs/event-emitter';
import { Injectable, Logger } from '@nestjs/common';
import {
  readLogFiles,
  runInSession,
  SESSION_ENTRY_EVENT,
  SessionLoggerModule,
  type LogEntry,
  type LogFileEntry,
  type RedactOptions,
  type SessionLoggerOptions,
} from 'nestjs-session-logger';
import { cleanUp } from './support/clean-up.js';
import { EventStream, isEvent, messagesOf } from './support/event-stream.js';
import { tempDir } from './support/temp-dir.js';
import { endSession, logChat, startApp } from './support/test-app.js';
import { useNestLogger } from './support/use-nest-logger.js';

const SECRET = 'sk-proj-abcdefGHIJKL0123456789';
const PATTERNS: RedactOptions['patterns'] = ['sk', 'email'];

afterEach(cleanUp);

@Injectable()
class Listener {
  readonly entries: LogEntry[] = [];

  @OnEvent(SESSION_ENTRY_EVENT)
  on(entry: LogEntry): void {
    this.entries.push(entry);
  }
}

async function inFiles(dir: string): Promise<LogFileEntry[]> {
  const lines: LogFileEntry[] = [];
  for await (const line of readLogFiles({ dir })) lines.push(line);
  return lines;
}

describe('redact', () => {
  it('masks secrets for readers, files, sinks, events and history alike', async () => {
    const dir = tempDir();
    const sunk: LogEntry[] = [];
    const { app, logs, url } = await startApp(
      {
        files: { dir },
        redact: { patterns: PATTERNS, paths: ['data.password'], replace: '***' },
        sinks: [{ name: 'own', write: (entries) => void sunk.push(...entries) }],
        http: { history: true },
      },
      { imports: [EventEmitterModule.forRoot()], providers: [Listener] },
    );
    for (const chunk of ['The key is sk-pro', 'j-abcdefGHIJ', 'KL0123456789. ']) {
      await logs.logChunkToQueue(chunk, 's');
    }
    const line = { sessionId: 's', logType: 'log', message: `got ${SECRET}`, context: SECRET } as const;
    await logs.logEntryToQueue({ ...line, data: { password: 1, mail: 'jane@example.com' } });
    await logs.endSession('s', { error: new Error(`refused ${SECRET}`) });
    await logs.flush();

    const expected = [
      { message: 'The key is ***' },
      { message: '' },
      { message: '. ' },
      { message: 'got ***', context: '***', data: { password: '***', mail: '***' } },
    ];
    expect(sunk).toMatchObject(expected);
    expect(app.get(Listener).entries).toMatchObject(expected);
    expect(await inFiles(dir)).toMatchObject(expected);
    const { records } = await logs.getSessionHistory('s');
    expect(records).toMatchObject([...expected, { reason: 'error', error: 'refused ***' }]);
    const stream = await EventStream.open(`${url}/logs/s`);
    const frames = await stream.rest();
    expect(messagesOf(frames)).toEqual(expected.map(({ message }) => message));
    expect(frames.find(isEvent('end'))).toMatchObject({ data: { error: 'refused ***' } });
    const history = await fetch(`${url}/logs/s/history`).then((answer) => answer.text());
    expect(history).not.toContain('abcdefGHIJ');
    expect(logs.stats().redaction).toEqual({ held: 0, masked: 5 });
  });

  it('masks lines of Nest’s logger, their stacks and what they print', async () => {
    const dir = tempDir();
    const printed: string[] = [];
    const { logs } = await startApp(
      {
        files: { dir },
        redact: { patterns: PATTERNS },
        terminal: { handler: (message) => printed.push(message) },
      },
      {
        configure: useNestLogger,
      },
    );
    new Logger('My').error(new Error(`refused ${SECRET}`), { of: SECRET });
    await logs.flush();
    const line = (await inFiles(dir)).find(({ context }) => context === 'My');
    expect(line).toMatchObject({ message: 'refused [REDACTED]', data: { of: '[REDACTED]' } });
    expect(line!.stack).toMatch(/^Error: refused \[REDACTED\]\n\s+at /);
    expect(printed.join('')).toContain('refused [REDACTED]');
    expect(printed.join('')).not.toContain(SECRET);
  });

  it('resolves the call at once, and shows the chunk with the next one', async () => {
    const { logs } = await startApp({ redact: { patterns: PATTERNS } });
    const messages = logs.getSessionLogs('s');
    await logs.logChunkToQueue('This', 's');
    expect(logs.isHeld('s')).toBe(true);
    expect(logs.stats()).toMatchObject({ accepted: 1, redaction: { held: 1 }, queue: { entries: 0 } });
    await logs.logChunkToQueue(' is', 's');
    expect(await messages.next()).toEqual({ done: false, value: 'This' });
    await messages.return?.();
  });

  it('shows the chunk after holdMs by itself', async () => {
    const { logs } = await startApp({ redact: { patterns: PATTERNS, holdMs: 50 } });
    await logs.logChunkToQueue('This', 's');
    await logs.logChunkToQueue('mail jane@', 't');
    const [this_, mail] = [logs.getSessionLogs('s'), logs.getSessionLogs('t')];
    expect(await this_.next()).toEqual({ done: false, value: 'This' });
    expect(await mail.next()).toEqual({ done: false, value: 'mail [REDACTED]' });
    await Promise.all([this_.return?.(), mail.return?.()]);
  });

  it.each([
    ['a flush', (logs) => logs.flush()],
    ['a finite distribution', (logs) => logs.distribute({ finite: true })],
    ['an end', (logs) => endSession(logs, 's')],
  ] as [string, (logs: Awaited<ReturnType<typeof startApp>>['logs']) => Promise<void>][])(
    'is let go by %s',
    async (_, letGo) => {
      const { logs } = await startApp({ redact: { patterns: PATTERNS } });
      await logs.logChunkToQueue('key sk-proj', 's');
      await letGo(logs);
      expect(logs.getAllLogsInQueue()).toMatchObject([{ message: 'key [REDACTED]' }]);
      expect(logs.isHeld('s')).toBe(false);
    },
  );

  it('is not let go by a client that reads history or the list', async () => {
    const { logs, url } = await startApp({
      redact: { patterns: PATTERNS },
      http: { history: true, list: true },
    });
    await logChat(logs, 's', 'Mail to. ');
    await logs.logChunkToQueue('jane', 's');
    for (const path of ['s/history', '']) await fetch(`${url}/logs/${path}`);
    await logs.logChunkToQueue('@example.com. ', 's');
    await logs.flush();
    expect(logs.getAllLogsInQueue().map(({ message }) => message)).toEqual(['Mail to. ', '[REDACTED]', '. ']);
  });

  it('keeps a client that comes back after an end where a chunk of the next reply is held', async () => {
    const { logs, url } = await startApp({ redact: { patterns: PATTERNS } });
    await logChat(logs, 's', 'First reply. ');
    await endSession(logs, 's');
    const { position } = await logs.getSessionHistory('s');
    expect((await EventStream.open(`${url}/logs/s?lastEventId=${position}`)).status).toBe(204);
    await logs.logChunkToQueue('Second', 's');
    const stream = await EventStream.open(`${url}/logs/s?lastEventId=${position}`);
    expect(stream.status).toBe(200);
    await logs.logChunkToQueue(' reply! ', 's');
    expect((await stream.entries(2)).map(({ message }) => message)).toEqual(['Second', ' reply! ']);
  });

  it('loses nothing that is held when the application closes, and masks what is logged afterwards', async () => {
    const dir = tempDir();
    const { logs, close } = await startApp({ files: { dir }, redact: { patterns: PATTERNS } });
    await logs.logChunkToQueue('key sk-proj', 's');
    await close();
    await logs.logChunkToQueue(`${SECRET.slice(7)}. Late ${SECRET}`, 's');
    await logs.logEntryToQueue({ sessionId: 's', logType: 'log', message: `Late ${SECRET}` });
    expect((await inFiles(dir)).map(({ message }) => message)).toEqual([
      'key [REDACTED]',
      '. Late [REDACTED]',
      'Late [REDACTED]',
    ]);
  });

  it('is not let go by a client that deletes or writes to another session', async () => {
    const { logs, url } = await startApp({
      redact: { patterns: PATTERNS },
      http: { delete: true, write: true },
    });
    await logs.logChunkToQueue('jane', 's');
    await fetch(`${url}/logs/other`, { method: 'DELETE' });
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'k' };
    const body = '{"message":"to bob"}';
    expect((await fetch(`${url}/logs/other`, { method: 'POST', headers, body })).status).toBe(202);
    expect(logs.isHeld('s')).toBe(true);
    expect(logs.isHeld('other')).toBe(false);
  });

  it('is not let go by a call that is refused as it names no session', async () => {
    const { logs } = await startApp({ redact: { patterns: PATTERNS } });
    await logs.logChunkToQueue('jane', 's');
    await expect(logs.logEntriesToStore([{ message: 'whose?' }])).rejects.toMatchObject({
      code: 'INVALID_SESSION_ID',
    });
    expect(logs.isHeld('s')).toBe(true);
  });

  it.each([{ patterns: PATTERNS }, { paths: ['data.x'] }])(
    'cuts messages that have nothing to mask, with %j',
    async (redact) => {
      const { logs } = await startApp({ redact, limits: { messageBytes: 40 } });
      await logChat(logs, 's', 'word '.repeat(100));
      await logs.logEntryToQueue({ sessionId: 's', message: 'word '.repeat(100), logType: 'log' });
      await logs.flush();
      const cut = { message: 'word '.repeat(8), truncated: true, originalBytes: 500 };
      expect(logs.getAllLogsInQueue()).toMatchObject([cut, cut]);
    },
  );

  it('cuts messages once they are masked, and remembers what was cut off', async () => {
    const { logs } = await startApp({ redact: { patterns: PATTERNS }, limits: { messageBytes: 40 } });
    await logChat(logs, 's', `${'x'.repeat(37)} ${SECRET.slice(0, 20)}`, `${SECRET.slice(20)}. `);
    expect(logs.getAllLogsInQueue()).toMatchObject([
      { message: `${'x'.repeat(37)} [R`, truncated: true },
      { message: '. ' },
    ]);
  });

  it('counts right where a pattern fails, which is logged to the session itself', async () => {
    const pattern = /key-(?:(a)|(b)|(c)|(d)|(e)|(f)|(g)|(h))*z/;
    const { logs, logger } = await startApp(
      {
        redact: { patterns: [{ pattern, prefix: 'key-', maxLength: 65_536 }] },
        context: { capture: true },
        terminal: { handler: () => {} },
      },
      { configure: useNestLogger },
    );
    await runInSession('s', () => logs.logChunkToQueue(`key-${'abcdefgh'.repeat(120_000)}`));
    await logs.flush();
    expect(logger.warnings).toEqual([]);
    expect(logs.stats().redaction).toEqual({ held: 0, masked: 1 });
    expect(logs.stats().troubles).toMatchObject({ redact: 1 });
    expect(logs.getAllLogsInQueue()).toMatchObject([{ message: '[REDACTED]' }]);
  });

  it('forgets a session that is deleted', async () => {
    const { logs } = await startApp({ redact: { patterns: PATTERNS } });
    await logs.logChunkToQueue('key sk-proj', 's');
    await logs.deleteSession('s');
    await logs.logChunkToQueue('ect-with-a-long-name. ', 's');
    await logs.flush();
    expect(logs.getAllLogsInQueue()).toMatchObject([{ message: 'ect-with-a-long-name. ' }]);
  });

  it('takes patterns of the application’s own', async () => {
    const { logs } = await startApp({
      redact: {
        patterns: [{ pattern: /\bticket-\d{6}\b/, prefix: 'ticket-', maxLength: 13 }],
        replace: 'ticket-…',
      },
    });
    await logChat(logs, 's', 'see ticket-12', '3456, not ticket-12, ');
    expect(logs.getAllLogsInQueue().map(({ message }) => message)).toEqual([
      'see ticket-…',
      ', not ticket-12, ',
    ]);
  });

  const pattern = { pattern: /key-\w+/, prefix: 'key-', maxLength: 20 };
  it.each([
    ['paths', ['password']],
    ['paths', ['data..password']],
    ['paths', ['data.[']],
    ['paths', 'data.password'],
    ['paths', ['data.a.']],
    ['paths', ['data.**']],
    ['patterns', ['unknown']],
    ['patterns', ['toString']],
    ['patterns', [/key-\w+/]],
    ['patterns', [{ ...pattern, prefix: '' }]],
    ['patterns', [{ ...pattern, maxLength: 0 }]],
    ['patterns', [{ ...pattern, maxLength: 70_000 }]],
    ['patterns', [{ ...pattern, pattern: /x*/ }]],
    ['patterns', [{ ...pattern, pattern: /^key/ }]],
    ['patterns', [{ ...pattern, prefix: /key$/ }]],
    ['patterns', [{ ...pattern, prefix: /key(?=-)/ }]],
    ['patterns', [{ ...pattern, maxlength: 20 }]],
    ['patterns', [{ ...pattern, pattern: new RegExp('[a--b]', 'v') }]],
    ['replace', 1],
    ['holdMs', 0],
  ] as [string, unknown][])('refuses %s: %p', (option, value) => {
    const options = { redact: { [option]: value } } as SessionLoggerOptions;
    expect(() => SessionLoggerModule.forRoot(options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', details: { option: `redact.${option}` } }),
    );
  });
});
