/**
 * A health indicator for `@nestjs/terminus`.
 *
 * @module nestjs-session-logger/terminus
 */

export { SessionLoggerHealthIndicator } from './session-logger.health-indicator.js';
