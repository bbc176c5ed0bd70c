import { createRequire } from 'node:module';
import type * as OpenTelemetry from '@opentelemetry/api';
import { SessionLoggerError } from '../session-logger.errors.js';

/** What is used of the API. */
export type OpenTelemetryApi = typeof OpenTelemetry;

/**
 * Loads `@opentelemetry/api`, all copies of which in a process share what is registered.
 *
 * @throws SessionLoggerError `INVALID_OPTIONS` where it is not installed
 */
export function loadApi(): OpenTelemetryApi {
  try {
    return createRequire(import.meta.url)('@opentelemetry/api') as OpenTelemetryApi;
  } catch (cause) {
    throw new SessionLoggerError(
      'INVALID_OPTIONS',
      'openTelemetry() needs the package @opentelemetry/api: npm install @opentelemetry/api',
      { cause, details: { option: 'telemetry' } },
    );
  }
}
