// What is imported by who has the optional peers.
import { Test, type TestingModule } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { SessionLoggerModule } from 'nestjs-session-logger';
import { openTelemetry } from 'nestjs-session-logger/opentelemetry';
import { redisStore } from 'nestjs-session-logger/redis';
import { SessionLoggerHealthIndicator } from 'nestjs-session-logger/terminus';
import { logInMemory } from 'nestjs-session-logger/testing';

export const moduleOfTheApp = SessionLoggerModule.forRoot({
  store: redisStore({ client: new Redis({ lazyConnect: true }) }),
  telemetry: openTelemetry(),
});

export const providers = [SessionLoggerHealthIndicator];

export const health = (indicator: SessionLoggerHealthIndicator): boolean =>
  indicator.isHealthy()['session-logger']?.status === 'up';

export const inMemory = (): Promise<TestingModule> =>
  logInMemory(Test.createTestingModule({ imports: [moduleOfTheApp] })).compile();

// @ts-expect-error an option that does not exist: the types are those of the package, not any
redisStore({ uri: 'redis://127.0.0.1' });
