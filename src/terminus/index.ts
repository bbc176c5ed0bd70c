export { SessionLoggerHealthIndicator } from './session-logger.health-indicator.js';
