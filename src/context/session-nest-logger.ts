import { Inject, Injectable, type LoggerService } from '@nestjs/common';
import { currentSessionId } from '../entry/current-session.js';
import type { LogEntry, LogEntryLevel } from '../entry/log-entry.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from '../options/resolve-options.js';
import { ExitGuard } from '../queue/exit-guard.js';
import { Intake } from '../queue/intake.js';
import type { Outlet } from '../queue/outlet.js';
import { isOwnContext } from '../session-logger.reporter.js';
import { LineLevels } from './line-levels.js';
import { contextOf, readNestCall } from './nest-call/nest-call.js';

/** Injection token of where lines are printed, or undefined where the terminal sink does it. */
export const LINE_OUTLET = Symbol('SessionLoggerLineOutlet');

/**
 * Nest's logger: what the application logs by `new Logger('Context')` goes to the terminal and to the daily file, and
 * with `context: { capture: true }` to the readers of the session that it is logged in.
 *
 * ```ts
 * const app = await NestFactory.create(AppModule, { bufferLogs: true });
 * app.useLogger(app.get(SessionNestLogger));
 * ```
 */
@Injectable()
export class SessionNestLogger implements LoggerService {
  private readonly levels = new LineLevels();
  private isWriting = false;

  constructor(
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(Intake) private readonly intake: Intake,
    @Inject(ExitGuard) private readonly exitGuard: ExitGuard,
    @Inject(LINE_OUTLET) private readonly terminal: Outlet<LogEntry> | undefined,
  ) {}

  /** Logs at level `log`: a message, then anything else, and the context last. */
  log(message: unknown, ...params: unknown[]): void {
    this.write('log', message, params);
  }

  error(message: unknown, ...params: unknown[]): void {
    this.write('error', message, params);
  }

  warn(message: unknown, ...params: unknown[]): void {
    this.write('warn', message, params);
  }

  debug(message: unknown, ...params: unknown[]): void {
    this.write('debug', message, params);
  }

  verbose(message: unknown, ...params: unknown[]): void {
    this.write('verbose', message, params);
  }

  fatal(message: unknown, ...params: unknown[]): void {
    this.write('fatal', message, params);
  }

  /**
   * From now on writes these levels and, as Nest does, those that are graver than all of them. Contexts that have a
   * level of their own by {@link setLevel} keep it.
   *
   * @param levels an empty list for none
   * @throws SessionLoggerError `INVALID_LEVEL`
   */
  setLogLevels(levels: LogEntryLevel[]): void {
    this.levels.setListed(levels);
  }

  /**
   * From now on writes this level and graver ones, `off` none.
   *
   * @param context the one that is meant; default all that have no level of their own
   * @throws SessionLoggerError `INVALID_LEVEL`
   */
  setLevel(level: LogEntryLevel | 'off', context?: string): void {
    this.levels.setLeast(level, context);
  }

  /** Takes a context's own level away: it is written as all others are. */
  resetLevel(context: string): void {
    this.levels.reset(context);
  }

  private write(level: LogEntryLevel, message: unknown, params: readonly unknown[]): void {
    const context = contextOf(params);
    if (!this.levels.isEnabled(level, context)) return;
    const { capture, stacks } = this.options.context;
    const entry = this.accept({
      ...readNestCall(message, params),
      level,
      sessionId: currentSessionId(),
      // What this package says of itself is nothing for users.
      isShared: capture && !isOwnContext(context),
      isStackShared: stacks,
    });
    this.terminal?.offer([entry]);
  }

  /** A line that comes while another one is accepted tells of its refusal, and would be refused like it. */
  private accept(line: Parameters<Intake['line']>[0]): LogEntry {
    if (this.isWriting) return this.intake.makeLine(line);
    this.isWriting = true;
    this.exitGuard.arm();
    try {
      return this.intake.line(line);
    } finally {
      this.isWriting = false;
    }
  }
}
