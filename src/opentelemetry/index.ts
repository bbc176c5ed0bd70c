/**
 * Spans and metrics for OpenTelemetry.
 *
 * @module nestjs-session-logger/opentelemetry
 */

export { openTelemetry } from './open-telemetry.js';
export type { OpenTelemetryOptions } from './open-telemetry.js';
