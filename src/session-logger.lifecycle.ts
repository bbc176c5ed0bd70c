import { setImmediate } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { Distributor } from './queue/distributor.js';
import { Intake } from './queue/intake.js';
import { Router } from './queue/router.js';
import { SESSION_EVICTED_EVENT, SESSION_OPENED_EVENT, SessionLoggerEvents } from './session-logger.events.js';
import { messageOf } from './session-logger.errors.js';
import { RESOLVED_OPTIONS, type ResolvedOptions } from './options/resolve-options.js';
import { Reporter } from './session-logger.reporter.js';
import { SessionStore } from './store/session-store.interface.js';

/** Starts the background distribution with the application, and brings everything home at its end. */
@Injectable()
export class SessionLoggerLifecycle
  implements OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown
{
  private running: Promise<void> | undefined;

  constructor(
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(Intake) private readonly intake: Intake,
    @Inject(Distributor) private readonly distributor: Distributor,
    @Inject(Router) private readonly router: Router,
    @Inject(SessionLoggerEvents) private readonly events: SessionLoggerEvents,
    @Inject(Reporter) private readonly reporter: Reporter,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
  ) {}

  async onModuleInit(): Promise<void> {
    this.findEmitter();
    await this.store.start({
      opened: (sessionId, reopened) => this.events.emit(SESSION_OPENED_EVENT, { sessionId, reopened }),
      evicted: (sessionId, records, reason) =>
        this.events.emit(SESSION_EVICTED_EVENT, { sessionId, records, reason }),
    });
    if (this.options.autoStart) this.running = this.distributor.run();
  }

  /** Ends the readers, each with what was logged so far: the server waits for those that feed a response. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.attempt(() => this.distributor.drain());
    await this.attempt(() => this.store.closeReaders());
    // The responses that they feed end in this turn; the server then meets idle connections, which it closes.
    await setImmediate();
  }

  /** The last of Nest's hooks, so that what other shutdown hooks log is still taken. */
  async onApplicationShutdown(): Promise<void> {
    this.intake.close();
    await this.attempt(() => this.distributor.drain());
    await this.attempt(() => this.router.flush(this.options.limits.flushTimeout));
    this.distributor.stop();
    await this.running;
    await this.attempt(() => this.router.close(this.options.limits.flushTimeout));
    await this.attempt(() => this.store.close?.());
  }

  /** Nest throws where the application has no event emitter; then nobody can listen. */
  private findEmitter(): void {
    try {
      this.events.use(this.moduleRef.get(EventEmitter2, { strict: false }));
    } catch {
      return;
    }
  }

  private async attempt(step: () => void | Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.reporter.error(`Shutdown: ${messageOf(error)}`);
    }
  }
}
