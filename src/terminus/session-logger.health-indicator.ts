import { Inject, Injectable, Optional } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { OutletStats } from '../queue/outlet.js';
import { SessionLoggerError } from '../session-logger.errors.js';
import { SessionLoggerService } from '../session-logger.service.js';

/**
 * Health of the logger for `@nestjs/terminus`: down while the store or a sink fails, or its queue is over half full.
 *
 * ```ts
 * check() { return this.health.check([() => this.logger.isHealthy()]); }
 * ```
 */
@Injectable()
export class SessionLoggerHealthIndicator {
  constructor(
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Optional() @Inject(SessionLoggerService) private readonly logs?: SessionLoggerService,
  ) {}

  /**
   * @param key what the result is called. Default `session-logger`
   * @param logs the logger that is asked about. Default: the one without a name
   * @throws SessionLoggerError `INVALID_OPTIONS` where there is no such logger
   */
  isHealthy(key = 'session-logger', logs = this.logs): HealthIndicatorResult {
    if (logs === undefined) throw noLogger();
    const { sinks, store, queue, sessions, readers, troubles } = logs.stats();
    const unhealthy = Object.entries({ store, ...sinks }).filter(([, { healthy }]) => !healthy);
    const figures = { queued: queue.entries, sessions, readers };
    const indicator = this.indicators.check(key);
    if (unhealthy.length === 0) return indicator.up(figures);
    const message = unhealthy.map(([name, outlet]) => describe(name, outlet)).join('; ');
    return indicator.down({ message, ...figures, troubles });
  }
}

function noLogger(): SessionLoggerError {
  return new SessionLoggerError(
    'INVALID_OPTIONS',
    "isHealthy: there is no logger without a name. Pass the one that you mean, isHealthy('audit', this.audit), injected by " +
      "@InjectSessionLogger('audit').",
  );
}

function describe(name: string, { failed, dropped, pending }: OutletStats): string {
  const who = name === 'store' ? 'The store' : `Sink ${name}`;
  return (
    `${who} fails or is too slow: ${pending} entries wait, ${failed} failed, ${dropped} were dropped; ` +
    "the application's log tells why"
  );
}
