/** Sources and tests are ESM; swc strips the types and keeps the decorator metadata that Nest reads. */
const base = {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testRegex: '\\.(spec|e2e)\\.ts$',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^nestjs-session-logger$': '<rootDir>/src/index.ts',
    '^nestjs-session-logger/(redis|testing|opentelemetry|terminus)$': '<rootDir>/src/$1/index.ts',
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

/** What is served is asked for on Fastify, too: `npm run test:fastify`. */
const SERVED = '(?:endpoint-|clients-node|session-context|redaction|security/(?:access|injection))';

export default {
  // One worker a core: most suites wait for servers most of the time.
  maxWorkers: '100%',
  projects: [
    { ...base, displayName: 'tests' },
    {
      ...base,
      displayName: 'fastify',
      roots: ['<rootDir>/test'],
      testRegex: `/test/${SERVED}[^/]*\\.e2e\\.ts$`,
      globals: { PLATFORM: 'fastify' },
    },
  ],
};
