import {
  Injectable,
  Module,
  type BeforeApplicationShutdown,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SessionLoggerModule, SessionLoggerService, type LogEntry } from 'nestjs-session-logger';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'session-logger-'));
});

afterEach(() => rmSync(dir, { recursive: true }));

/** Logs a line from each of Nest's shutdown hooks. */
@Injectable()
class Chatty implements OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(private readonly logs: SessionLoggerService) {}

  async onModuleDestroy(): Promise<void> {
    await this.logs.logChunkToQueue('onModuleDestroy', 's');
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.logs.logChunkToQueue('beforeApplicationShutdown', 's');
  }

  async onApplicationShutdown(): Promise<void> {
    await this.logs.logChunkToQueue('onApplicationShutdown', 's');
  }
}

@Module({ providers: [Chatty] })
class ChattyModule {}

async function start(): Promise<TestingModule> {
  const imports = [SessionLoggerModule.forRoot({ files: { dir } }), ChattyModule];
  const context = await Test.createTestingModule({ imports, providers: [Chatty] }).compile();
  return context.init();
}

function linesOnDisk(): LogEntry[] {
  const files = readdirSync(dir);
  expect(files).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\d\.log$/)]);
  const lines = readFileSync(join(dir, files[0]!), 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => JSON.parse(line) as LogEntry);
}

it('has every line on disk after flush(), in order, matched by uid', async () => {
  const context = await start();
  const logs = context.get(SessionLoggerService);
  for (let index = 0; index < 3_000; index++) void logs.logChunkToQueue(String(index), `s${index % 7}`);
  await logs.flush();
  const lines = linesOnDisk();
  expect(lines.map((line) => line.message)).toEqual(
    Array.from({ length: 3_000 }, (_, index) => String(index)),
  );
  expect(lines.map((line) => line.uid)).toEqual(logs.getAllLogsInQueue().map((entry) => entry.uid));
  await context.close();
});

it('has every line on disk after close(), those of other shutdown hooks too', async () => {
  const context = await start();
  const logs = context.get(SessionLoggerService);
  for (let index = 0; index < 10_000; index++) void logs.logChunkToQueue(String(index), 's');
  await context.close();
  const messages = linesOnDisk().map((line) => line.message);
  expect(messages.slice(0, 10_000)).toEqual(Array.from({ length: 10_000 }, (_, index) => String(index)));
  expect(messages.slice(10_000)).toEqual([
    'onModuleDestroy',
    'onModuleDestroy',
    'beforeApplicationShutdown',
    'beforeApplicationShutdown',
    'onApplicationShutdown',
    'onApplicationShutdown',
  ]);
});

it('writes what is logged after its own last hook before the call returns', async () => {
  const context = await start();
  const logs = context.get(SessionLoggerService);
  await context.close();
  const late = logs.logChunkToQueue('late', 's');
  expect(linesOnDisk().at(-1)).toMatchObject({ message: 'late', sessionId: 's' });
  await late;
  const { distributed, sinks } = logs.stats();
  expect(distributed).toBe(7);
  expect(sinks['file']).toMatchObject({ written: 7, failed: 0, dropped: 0, pending: 0 });
  await expect(logs.endSession('s')).rejects.toMatchObject({ code: 'CLOSED' });
});
