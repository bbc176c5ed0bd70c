// What is imported by who has the optional peers.
import { Redis } from 'ioredis';
import { SessionLoggerModule } from 'nestjs-session-logger';
import { openTelemetry } from 'nestjs-session-logger/opentelemetry';
import { redisStore } from 'nestjs-session-logger/redis';
import { SessionLoggerHealthIndicator } from 'nestjs-session-logger/terminus';

export const moduleOfTheApp = SessionLoggerModule.forRoot({
  store: redisStore({ client: new Redis({ lazyConnect: true }) }),
  telemetry: openTelemetry(),
});

export const providers = [SessionLoggerHealthIndicator];

export const health = (indicator: SessionLoggerHealthIndicator): boolean =>
  indicator.isHealthy()['session-logger']?.status === 'up';

// @ts-expect-error an option that does not exist: the types are those of the package, not any
redisStore({ uri: 'redis://127.0.0.1' });
