import { Controller, Get, Inject } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import type { LogSink, SessionLoggerOptions } from 'nestjs-session-logger';
import { SessionLoggerHealthIndicator } from 'nestjs-session-logger/terminus';
import request from 'supertest';
import { cleanUp } from './support/clean-up.js';
import { logChat, startApp, type TestApp } from './support/test-app.js';

afterEach(cleanUp);

@Controller('health')
class HealthController {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(SessionLoggerHealthIndicator) private readonly logger: SessionLoggerHealthIndicator,
  ) {}

  @Get()
  @HealthCheck()
  check(): Promise<unknown> {
    return this.health.check([() => this.logger.isHealthy()]);
  }
}

const start = (options: SessionLoggerOptions = {}): Promise<TestApp> =>
  startApp(options, {
    imports: [TerminusModule.forRoot({ logger: false })],
    providers: [SessionLoggerHealthIndicator],
    controllers: [HealthController],
  });

describe('SessionLoggerHealthIndicator', () => {
  it('is up while all is well, with figures', async () => {
    const { app, logs } = await start();
    await logChat(logs, 'a', '1');
    const { body } = await request(app.getHttpServer()).get('/health').expect(200);
    expect((body as { info: unknown }).info).toEqual({
      'session-logger': { status: 'up', queued: 0, sessions: 1, readers: 0 },
    });
  });

  it('is down while a sink fails, says which, and is up again when it writes', async () => {
    let isBroken = true;
    const sink: LogSink = {
      name: 'warehouse',
      write: () => {
        if (isBroken) throw new Error('no connection');
      },
    };
    const { app, logs } = await start({ sinks: [sink] });
    await logChat(logs, 'a', '1', '2');
    const { body } = await request(app.getHttpServer()).get('/health').expect(503);
    const { 'session-logger': found } = (body as { error: Record<string, object> }).error;
    expect(found).toMatchObject({
      status: 'down',
      message: expect.stringMatching(/^Sink warehouse .* 2 failed/) as string,
      troubles: { 'sink warehouse': 1 },
    });
    isBroken = false;
    await logChat(logs, 'a', '3');
    await request(app.getHttpServer()).get('/health').expect(200);
  });

  it('takes a name of its own', async () => {
    const { app, logs } = await start();
    expect(app.get(SessionLoggerHealthIndicator).isHealthy('logs')).toHaveProperty('logs.status', 'up');
    expect(logs.isHealthy()).toBe(true);
  });
});
