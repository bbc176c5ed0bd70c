import { ConfigurableModuleBuilder, type ConfigurableModuleAsyncOptions } from '@nestjs/common';
import { SessionLoggerError } from './session-logger.errors.js';
import type { SessionHttpOptions, SessionLoggerOptions } from './options/session-logger-options.js';

/** What Nest must know when the module is defined; in `forRootAsync` it stands beside `useFactory`. */
export interface SessionLoggerStaticOptions {
  /** Tells one of several loggers from the others. Default: the one without a name. */
  name?: string | undefined;
  /** Whether the module's exports are visible everywhere. Default true. */
  isGlobal?: boolean | undefined;
  /** Path and guards of the endpoint; false serves none. */
  http?: Pick<SessionHttpOptions, 'path' | 'guards'> | false;
  /** The page to look at sessions. Default none. */
  viewer?: SessionLoggerOptions['viewer'];
}

/** What a `forRootAsync` factory returns: the options without those that stand beside it. */
export type SessionLoggerFactoryOptions = Omit<
  SessionLoggerOptions,
  'name' | 'isGlobal' | 'http' | 'viewer'
> & {
  http?: Omit<SessionHttpOptions, 'path' | 'guards'>;
};

/** What a class given to `forRootAsync` as `useClass` or `useExisting` has to have. */
export interface SessionLoggerOptionsFactory {
  createSessionLoggerOptions(): SessionLoggerFactoryOptions | Promise<SessionLoggerFactoryOptions>;
}

/** What `forRootAsync` takes. */
export type SessionLoggerAsyncOptions = ConfigurableModuleAsyncOptions<
  SessionLoggerFactoryOptions,
  'createSessionLoggerOptions'
> &
  SessionLoggerStaticOptions;

/** Nest's builder makes `forRoot` and `forRootAsync` and provides the options under this token. */
export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<SessionLoggerFactoryOptions>({ moduleName: 'SessionLogger' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createSessionLoggerOptions')
    .build();

/** What may stand in `forRootAsync`. */
const ASYNC_KEYS: ReadonlySet<string> = new Set([
  'imports',
  'inject',
  'useFactory',
  'useClass',
  'useExisting',
  'provideInjectionTokensFrom',
  'name',
  'isGlobal',
  'http',
  'viewer',
]);

/** Throws `INVALID_OPTIONS` for an option that belongs into what the factory returns. */
export function checkAsyncKeys(options: SessionLoggerAsyncOptions): void {
  const stray = Object.keys(options).find((key) => !ASYNC_KEYS.has(key));
  if (stray === undefined) return;
  throw new SessionLoggerError(
    'INVALID_OPTIONS',
    `SessionLoggerModule.forRootAsync: ${stray} does not stand here; expected ${[...ASYNC_KEYS].join(', ')}. ` +
      'Return all other options from the factory.',
    { details: { option: stray } },
  );
}

/**
 * Joins what stands beside a factory with what it returned.
 *
 * @throws SessionLoggerError `INVALID_OPTIONS` where the factory returned what must stand beside it
 */
export function joinOptions(
  { name, isGlobal, http, viewer }: SessionLoggerStaticOptions,
  made: SessionLoggerOptions = {},
): SessionLoggerOptions {
  const misplaced = misplacedOption(made);
  if (misplaced !== undefined) {
    throw new SessionLoggerError(
      'INVALID_OPTIONS',
      `SessionLoggerModule.forRootAsync: the factory returned ${misplaced}, which Nest must know before it runs. ` +
        'Put it beside useFactory: forRootAsync({ name, isGlobal, http: { path, guards } | false, viewer, useFactory }).',
      { details: { option: misplaced } },
    );
  }
  return {
    ...made,
    ...(name !== undefined && { name }),
    ...(isGlobal !== undefined && { isGlobal }),
    ...(viewer !== undefined && { viewer }),
    http: http === false ? false : { ...http, ...(made.http as SessionHttpOptions | undefined) },
  };
}

function misplacedOption({ name, isGlobal, http, viewer }: SessionLoggerOptions): string | undefined {
  if (name !== undefined) return 'name';
  if (viewer !== undefined) return 'viewer';
  if (isGlobal !== undefined) return 'isGlobal';
  if (http === false) return 'http: false';
  if (http?.path !== undefined) return 'http.path';
  return http?.guards === undefined ? undefined : 'http.guards';
}
