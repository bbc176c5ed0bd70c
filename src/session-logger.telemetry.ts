import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { RESOLVED_OPTIONS, type ResolvedOptions } from './options/resolve-options.js';
import { Reporter } from './session-logger.reporter.js';
import { OWN_SERVICE, type SessionLoggerService } from './session-logger.service.js';

/** Tells how the logger does from the start of the application to its end. */
@Injectable()
export class SessionTelemetryLifecycle implements OnModuleInit {
  private isStarted = false;

  constructor(
    @Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
    @Inject(OWN_SERVICE) private readonly logs: SessionLoggerService,
    @Inject(Reporter) private readonly reporter: Reporter,
  ) {}

  onModuleInit(): void {
    this.attempt(() => {
      this.options.telemetry?.start(() => this.logs.stats(), this.options.name);
      this.isStarted = true;
    });
  }

  /** To be called once all is written. */
  end(): void {
    if (this.isStarted) this.attempt(() => this.options.telemetry?.stop());
  }

  private attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.reporter.warn('telemetry', 'Telemetry failed; logging goes on', error);
    }
  }
}
