import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { jest } from '@jest/globals';
import type { LogEntry } from './entry/log-entry.js';
import { SessionLoggerModule } from './session-logger.module.js';
import { SessionLoggerService } from './session-logger.service.js';
import { resolveOptions } from './options/resolve-options.js';
import { MemoryStore } from './store/memory-store.js';

const hang = (): Promise<void> => new Promise(() => {});

describe('starting the application', () => {
  /** An application whose sink starts in that way. */
  async function start(begin: () => void, onSinkFailure?: 'degrade'): Promise<string[]> {
    const seen: string[] = [];
    const sink = {
      name: 'mine',
      start: (): void => {
        seen.push('start');
        begin();
      },
      write: (entries: readonly LogEntry[]): void => void seen.push(...entries.map((one) => one.message)),
    };
    const imports = [
      SessionLoggerModule.forRoot({ files: false, http: false, sinks: [sink], onSinkFailure }),
    ];
    const app = await Test.createTestingModule({ imports }).compile();
    await app.get(SessionLoggerService).logChunkToQueue('a', 's');
    await app.init();
    await app.close();
    return seen;
  }

  const fail = (): never => {
    throw new Error('no vault');
  };

  it('starts each sink before it is given what was logged before', async () => {
    expect(await start(() => {})).toEqual(['start', 'a']);
  });

  it('fails where a sink does', async () => {
    await expect(start(fail)).rejects.toThrow('no vault');
  });

  it('goes on without, where that is wanted, and says so', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    expect(await start(fail, 'degrade')).toEqual(['start', 'a']);
    expect(warn.mock.calls).toEqual([['Sink mine did not start; it is tried all the same: no vault']]);
    warn.mockRestore();
  });
});

describe('closing the application', () => {
  it.each(['closeReaders', 'close'] as const)(
    'goes on where %s of a store hangs, brings all entries home, and says so',
    async (method) => {
      const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
      const limits = { flushTimeout: 50 };
      const store = Object.assign(new MemoryStore(resolveOptions({}).limits), { [method]: hang });
      const seen: string[] = [];
      const sink = {
        name: 'mine',
        write: (entries: readonly LogEntry[]): void => void seen.push(...entries.map((one) => one.message)),
      };
      const imports = [
        SessionLoggerModule.forRoot({ files: false, http: false, store, sinks: [sink], limits }),
      ];
      const app = await (await Test.createTestingModule({ imports }).compile()).init();
      await app.get(SessionLoggerService).logChunkToQueue('a', 's');
      await app.close();
      expect(seen).toEqual(['a']);
      expect(error.mock.calls).toEqual([
        [
          expect.stringMatching(
            new RegExp(`^Shutdown: went on without store\\.${method}\\(\\), which took longer than \\d+ ms`),
          ),
        ],
      ]);
      error.mockRestore();
    },
  );
});
