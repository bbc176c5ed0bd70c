/** Sources and tests are ESM; swc strips the types and keeps the decorator metadata that Nest reads. */
export default {
  testEnvironment: 'node',
  // One worker a core: most suites wait for servers most of the time.
  maxWorkers: '100%',
  // A busy machine is no fault.
  testTimeout: 20_000,
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testRegex: '\\.(spec|e2e)\\.ts$',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^nestjs-session-logger$': '<rootDir>/src/index.ts',
    '^nestjs-session-logger/(client|redis|testing|opentelemetry|terminus)$': '<rootDir>/src/$1/index.ts',
  },
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};
