import { setImmediate } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { CentralQueue } from './queue/central-queue.js';
import { Distributor } from './queue/distributor.js';
import { ExitGuard } from './queue/exit-guard.js';
import { Intake } from './queue/intake.js';
import { Router } from './queue/router.js';
import { SessionSignals } from './queue/session-signals.js';
import { within } from './queue/within.js';
import { SESSION_EVICTED_EVENT, SESSION_OPENED_EVENT, SessionLoggerEvents } from './session-logger.events.js';
import { messageOf, SessionLoggerError } from './session-logger.errors.js';
import { checkApart } from './options/loggers-apart.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from './options/resolve-options.js';
import { Reporter } from './session-logger.reporter.js';
import { LogSink } from './sinks/log-sink.interface.js';
import { SessionTelemetryLifecycle } from './session-logger.telemetry.js';
import { SessionStore, type SessionStoreListener } from './store/session-store.interface.js';

/** What a sink has to close, in milliseconds, where others have used up the time. */
const CLOSE_WITHIN = 500;
const BUFFERING =
  'The store cannot be reached yet; what is logged waits within limits.sinkEntries until it can';

/** Starts the background distribution with the application, and brings everything home at its end. */
@Injectable()
export class SessionLoggerLifecycle
  implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown
{
  private running: Promise<void> | undefined;

  constructor(
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(LogSink) private readonly sinks: readonly LogSink[],
    @Inject(CentralQueue) private readonly queue: CentralQueue,
    @Inject(Intake) private readonly intake: Intake,
    @Inject(Distributor) private readonly distributor: Distributor,
    @Inject(Router) private readonly router: Router,
    @Inject(ExitGuard) private readonly exitGuard: ExitGuard,
    @Inject(SessionSignals) private readonly signals: SessionSignals,
    @Inject(SessionLoggerEvents) private readonly events: SessionLoggerEvents,
    @Inject(SessionTelemetryLifecycle) private readonly telemetry: SessionTelemetryLifecycle,
    @Inject(Reporter) private readonly reporter: Reporter,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
  ) {}

  async onModuleInit(): Promise<void> {
    // Before anything is touched that could be another logger's.
    checkApart(this.loggers());
    await this.startSinks();
    this.exitGuard.arm();
    this.findEmitter();
    await this.startStore();
    if (this.options.autoStart) this.running = this.distributor.run();
  }

  /** Ends the readers, each with what was logged so far: the server waits for those that feed a response. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.attempt(() => this.distributor.drain());
    const { flushTimeout } = this.options.limits;
    await this.bounded(flushTimeout, 'store.closeReaders()', () => this.store.closeReaders());
    // The responses that they feed end in this turn; the server then meets idle connections, which it closes.
    await setImmediate();
  }

  /** The last of Nest's hooks: what the others log is still taken, and written at once where they come later. */
  async onApplicationShutdown(): Promise<void> {
    const deadline = performance.now() + this.options.limits.flushTimeout;
    const left = (): number => Math.max(deadline - performance.now(), CLOSE_WITHIN);
    let failure: unknown;
    do {
      await this.attempt(() => this.distributor.drain());
      await this.router.flush(left()).catch((error: unknown) => (failure ??= error));
    } while (this.queue.length > 0 && performance.now() < deadline);
    // Told once all is tried: where Nest's logger writes to a sink that fails, the next flush fails by this line alone.
    if (failure !== undefined) this.reporter.error(`Shutdown: ${messageOf(failure)}`);
    this.intake.close((record) => this.router.writeLate(record, this.distributor.countLate));
    await this.attempt(() => this.distributor.drain());
    this.distributor.stop();
    await this.running;
    await this.attempt(() => this.router.settle(left()));
    await this.attempt(() => this.router.close(left()));
    this.exitGuard.close();
    await this.closeStore(left());
    this.telemetry.end();
  }

  /** Those of the application, this one among them. */
  private loggers(): ResolvedOptions[] {
    const providers = [...this.modules.values()].map((module) => module.getProviderByKey(RESOLVED_OPTIONS));
    return providers.flatMap((provider) =>
      provider === undefined ? [] : [provider.instance as ResolvedOptions],
    );
  }

  private async startSinks(): Promise<void> {
    for (const sink of this.sinks) {
      try {
        await sink.start?.();
      } catch (error) {
        if (this.options.onSinkFailure === 'throw') throw error;
        this.reporter.warn(
          `sink ${sink.name}`,
          `Sink ${sink.name} did not start; it is tried all the same`,
          error,
        );
      }
    }
  }

  private async startStore(): Promise<void> {
    const listener: SessionStoreListener = {
      opened: (sessionId, reopened) => this.events.emit(SESSION_OPENED_EVENT, { sessionId, reopened }),
      evicted: (sessionId, records, reason) =>
        this.events.emit(SESSION_EVICTED_EVENT, { sessionId, records, reason }),
      cancelled: (sessionId, reason) => this.signals.abort(sessionId, reason),
      troubled: (what, error) => this.reporter.warn('store', what, error),
    };
    try {
      await this.store.start(listener, this.options.limits);
    } catch (error) {
      const isAway = error instanceof SessionLoggerError && error.code === 'STORE_UNAVAILABLE';
      if (isAway && this.options.onStoreFailure === 'buffer') {
        return this.reporter.warn('store', BUFFERING, error);
      }
      this.exitGuard.disarm();
      await this.closeStore(this.options.limits.flushTimeout);
      throw error;
    }
  }

  private closeStore(timeout: number): Promise<void> {
    return this.bounded(timeout, 'store.close()', () => this.store.close?.());
  }

  /** Nest throws where the application has no event emitter; then nobody can listen. */
  private findEmitter(): void {
    try {
      this.events.use(this.moduleRef.get(EventEmitter2, { strict: false }));
    } catch {
      return;
    }
  }

  /** A store that hangs holds up nobody. */
  private bounded(timeout: number, what: string, step: () => unknown): Promise<void> {
    return this.attempt(() => within(timeout, promised(step), `went on without ${what}, which`));
  }

  private async attempt(step: () => void | Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.reporter.error(`Shutdown: ${messageOf(error)}`);
    }
  }
}

/** Also a method that is to return nothing may return a promise. */
async function promised(step: () => unknown): Promise<void> {
  await step();
}
