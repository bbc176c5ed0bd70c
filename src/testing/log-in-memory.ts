import { GIVEN_OPTIONS, RESOLVED_OPTIONS, type ResolvedOptions } from '../options/resolve-options.js';

/** What is used of `Test.createTestingModule(…)` of `@nestjs/testing`. */
export interface OverridableModule {
  /** Puts what a factory makes in place of a provider. */
  overrideProvider(token: unknown): {
    useFactory(options: { factory: (...given: never[]) => unknown; inject: never[] }): unknown;
  };
}

/**
 * Keeps all session loggers of an application under test in memory: they write no file, print nothing, reach no Redis, and
 * leave out the sinks of the application. Everything else is as the application has it, endpoints, limits and redaction
 * included.
 *
 * ```ts
 * const module = await logInMemory(Test.createTestingModule({ imports: [AppModule] })).compile();
 * ```
 *
 * @param builder what `Test.createTestingModule` gives
 * @returns the builder
 */
export function logInMemory<Builder extends OverridableModule>(builder: Builder): Builder {
  builder.overrideProvider(RESOLVED_OPTIONS).useFactory({
    factory: inMemory,
    inject: [GIVEN_OPTIONS as never],
  });
  return builder;
}

function inMemory(given: ResolvedOptions): ResolvedOptions {
  return { ...given, files: false, terminal: false, sinks: [], store: undefined };
}
