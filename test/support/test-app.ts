import type { AddressInfo } from 'node:net';
import { Module, type DynamicModule, type INestApplication, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SessionLoggerModule, SessionLoggerService, type SessionLoggerOptions } from 'nestjs-session-logger';
import { onCleanUp } from './clean-up.js';
import { CollectingLogger } from './collecting-logger.js';
import { platformAdapter } from './platform.js';

/** A running application that listens on a port of 127.0.0.1. */
export interface TestApp {
  app: INestApplication;
  logs: SessionLoggerService;
  /** Such as `http://127.0.0.1:40001`. */
  url: string;
  port: number;
  /** What was told through Nest's logger. */
  logger: CollectingLogger;
  /** Closes the application; a second call waits for the first. */
  close: () => Promise<void>;
}

/** What an application has besides the session logger. */
export interface TestAppSetUp extends Pick<ModuleMetadata, 'imports' | 'providers' | 'controllers'> {
  /** Called before the application listens. */
  configure?: (app: INestApplication) => unknown;
  /** Default: a free one. */
  port?: number;
  /** Whether Nest reads bodies. Default true. */
  bodyParser?: boolean;
}

@Module({})
class RootModule {}

/** Starts an application with the session logger and no files. {@link cleanUp} closes it. */
export function startApp(options: SessionLoggerOptions = {}, setUp: TestAppSetUp = {}): Promise<TestApp> {
  return startModule(SessionLoggerModule.forRoot({ files: false, ...options }), setUp);
}

/** Starts an application with a session logger module of the test's own. */
export async function startModule(
  module: DynamicModule,
  { imports = [], configure, port = 0, bodyParser = true, ...parts }: TestAppSetUp = {},
): Promise<TestApp> {
  const logger = new CollectingLogger();
  const root: DynamicModule = { module: RootModule, imports: [module, ...imports], ...parts };
  const app = await NestFactory.create(root, platformAdapter(), { logger, abortOnError: false, bodyParser });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= app.close());
  onCleanUp(close);
  await configure?.(app);
  await app.listen(port, '127.0.0.1');
  const address = app.getHttpServer().address() as AddressInfo;
  return {
    app,
    logs: app.get(SessionLoggerService),
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    logger,
    close,
  };
}

/** Logs chat messages to a session and resolves when its readers can have them. */
export async function logChat(
  logs: SessionLoggerService,
  sessionId: string,
  ...messages: string[]
): Promise<void> {
  for (const message of messages) await logs.logChunkToQueue(message, sessionId);
  await logs.distribute({ finite: true });
}

/** Ends a session and resolves when its readers can have the end. */
export async function endSession(
  logs: SessionLoggerService,
  sessionId: string,
  options?: { error?: unknown },
): Promise<void> {
  await logs.endSession(sessionId, options);
  await logs.distribute({ finite: true });
}
