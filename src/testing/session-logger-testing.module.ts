import { Module, type DynamicModule } from '@nestjs/common';
import type { SessionLoggerOptions } from '../options/session-logger-options.js';
import { SessionLoggerModule } from '../session-logger.module.js';

/**
 * The session logger for a test of what logs to it: all as in an application, in memory, without a file.
 *
 * ```ts
 * const module = await Test.createTestingModule({
 *   imports: [SessionLoggerTestingModule.forRoot()],
 *   providers: [ChatService],
 * }).compile();
 * ```
 */
@Module({})
export class SessionLoggerTestingModule {
  /**
   * Sets it up; once a logger, as of which others have a `name`.
   *
   * @param options as of `SessionLoggerModule.forRoot`, but that `files` is false where it is not given
   * @throws SessionLoggerError `INVALID_OPTIONS`, which names the option and the remedy
   */
  static forRoot(options: SessionLoggerOptions = {}): DynamicModule {
    return {
      module: SessionLoggerTestingModule,
      imports: [SessionLoggerModule.forRoot({ files: false, ...options })],
      exports: [SessionLoggerModule],
    };
  }
}
