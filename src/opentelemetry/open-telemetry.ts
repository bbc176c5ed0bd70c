import {
  isSpanContextValid,
  metrics,
  trace,
  type Attributes,
  type Histogram,
  type MeterProvider,
} from '@opentelemetry/api';
import type { SpanIds } from '../queue/intake.js';
import type { SessionLoggerStats } from '../session-logger.stats.js';
import { SessionLoggerError } from '../session-logger.errors.js';
import type { SessionTelemetry } from '../telemetry/session-telemetry.interface.js';
import { observe } from './observe.js';

/** How metrics are told. */
export interface OpenTelemetryOptions {
  /** Where to. Default: the one that is registered globally when the application starts. */
  meterProvider?: MeterProvider | undefined;
}

/** Attribute of all that a logger with a name tells. */
const LOGGER = 'session_logger.name';

/** Seconds. */
const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Metrics of the logger, and the ids of the active trace and span on entries of type `log`, by OpenTelemetry:
 *
 * ```ts
 * SessionLoggerModule.forRoot({ telemetry: openTelemetry() })
 * ```
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): SessionTelemetry {
  return new OpenTelemetryReporter(options);
}

class OpenTelemetryReporter implements SessionTelemetry {
  private deliveries: Histogram | undefined;
  private end: (() => void) | undefined;
  /** What tells the figures of several loggers apart. */
  private attributes: Attributes = {};

  constructor(private readonly options: OpenTelemetryOptions) {}

  start(read: () => SessionLoggerStats, logger?: string): void {
    if (this.end !== undefined) throw startedTwice();
    const provider = this.options.meterProvider ?? metrics.getMeterProvider();
    const meter = provider.getMeter('nestjs-session-logger');
    this.deliveries = meter.createHistogram('session_logger.delivery.duration', {
      unit: 's',
      description: 'From the timestamp of an entry to a reader that follows live',
      advice: { explicitBucketBoundaries: BUCKETS },
    });
    this.attributes = logger === undefined ? {} : { [LOGGER]: logger };
    this.end = observe(meter, read, this.attributes);
  }

  activeSpan(): SpanIds | undefined {
    const context = trace.getActiveSpan()?.spanContext();
    return context !== undefined && isSpanContextValid(context) ? context : undefined;
  }

  delivered(seconds: number): void {
    this.deliveries?.record(seconds, this.attributes);
  }

  stop(): void {
    this.end?.();
    this.end = undefined;
    this.deliveries = undefined;
  }
}

function startedTwice(): SessionLoggerError {
  return new SessionLoggerError(
    'INVALID_OPTIONS',
    'Two applications share one SessionTelemetry, and only the first is told of; make one openTelemetry() for each.',
    { details: { option: 'telemetry' } },
  );
}
