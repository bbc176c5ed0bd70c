import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { jest } from '@jest/globals';
import type { LogEntry } from './entry/log-entry.js';
import { SessionLoggerModule } from './session-logger.module.js';
import { SessionLoggerService } from './session-logger.service.js';
import { resolveOptions } from './options/resolve-options.js';
import { MemoryStore } from './store/memory-store.js';

const hang = (): Promise<void> => new Promise(() => {});

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
