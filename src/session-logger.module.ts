import {
  Inject,
  Module,
  RequestMethod,
  type DynamicModule,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { sessionContextExports, sessionContextProviders } from './context/context-providers.js';
import { SessionContextMiddleware } from './context/session-context.middleware.js';
import { createSessionHttp } from './http/session-controllers.js';
import { getSessionLoggerToken } from './session-logger.inject.js';
import {
  checkAsyncKeys,
  ConfigurableModuleClass,
  joinOptions,
  MODULE_OPTIONS_TOKEN,
  type SessionLoggerAsyncOptions,
  type SessionLoggerStaticOptions,
} from './session-logger.module-definition.js';
import {
  GIVEN_OPTIONS,
  RESOLVED_OPTIONS,
  resolveOptions,
  viewerPathOf,
  type ResolvedOptions,
} from './options/resolve-options.js';
import type { SessionLoggerOptions } from './options/session-logger-options.js';
import { sessionLoggerProviders } from './session-logger.providers.js';
import { OWN_SERVICE } from './session-logger.service.js';

/** Gives every session its own log. Import it once a logger: `SessionLoggerModule.forRoot()`. */
@Module({})
export class SessionLoggerModule extends ConfigurableModuleClass implements NestModule {
  constructor(@Inject(RESOLVED_OPTIONS) private readonly options: ResolvedOptions) {
    super();
  }

  /** Mounts the middleware that finds the session of each request, where the options say how. */
  configure(consumer: MiddlewareConsumer): void {
    if (this.options.context.from === undefined) return;
    consumer.apply(SessionContextMiddleware).forRoutes({ path: '{*all}', method: RequestMethod.ALL });
  }

  /**
   * Sets the module up with options known now; without any it works with the defaults.
   *
   * @throws SessionLoggerError `INVALID_OPTIONS`, which names the option and the remedy
   */
  static override forRoot(options: SessionLoggerOptions = {}): DynamicModule {
    const resolved = resolveOptions(options);
    const module: DynamicModule = { module: SessionLoggerModule, providers: [] };
    return assemble(module, options, { provide: GIVEN_OPTIONS, useValue: resolved });
  }

  /**
   * Sets the module up with options that a factory makes, such as one that reads a ConfigService. What Nest
   * must know before that stands beside the factory: `name`, `isGlobal`, `http: { path, guards }` or `http: false`, and `viewer`.
   *
   * @throws SessionLoggerError `INVALID_OPTIONS` at start, which names the option and the remedy
   */
  static override forRootAsync(options: SessionLoggerAsyncOptions): DynamicModule {
    checkAsyncKeys(options);
    const { name, isGlobal, http = {}, viewer } = options;
    resolveOptions({ name, isGlobal, http, viewer });
    return assemble(super.forRootAsync(options), options, {
      provide: GIVEN_OPTIONS,
      inject: [MODULE_OPTIONS_TOKEN],
      useFactory: (made?: SessionLoggerOptions) => resolveOptions(joinOptions(options, made)),
    });
  }
}

type OptionsProvider = NonNullable<DynamicModule['providers']>[number];

function assemble(
  module: DynamicModule,
  { name, isGlobal = true, http = {}, viewer }: SessionLoggerStaticOptions,
  givenOptions: OptionsProvider,
): DynamicModule {
  const token = getSessionLoggerToken(name);
  // Nest has one logger and a request one session: they are matters of the logger without a name.
  const hasContext = name === undefined;
  const { controllers, providers } =
    http === false
      ? { controllers: [], providers: [] }
      : createSessionHttp(http, name, viewerPathOf({ name, viewer }));
  return {
    ...module,
    global: isGlobal,
    controllers,
    providers: [
      ...(module.providers ?? []),
      givenOptions,
      { provide: RESOLVED_OPTIONS, inject: [GIVEN_OPTIONS], useFactory: (given: ResolvedOptions) => given },
      ...sessionLoggerProviders,
      { provide: token, useExisting: OWN_SERVICE },
      ...(hasContext ? sessionContextProviders : []),
      ...providers,
    ],
    exports: [token, ...(hasContext ? sessionContextExports : [])],
  };
}
