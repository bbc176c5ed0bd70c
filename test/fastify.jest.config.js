import base from '../jest.config.js';

/** What is served, on Fastify instead of Express. */
const SERVED =
  '(?:endpoint-|clients-node|session-context|redaction|several-loggers|testing-|security/(?:access|injection))';

export default {
  ...base,
  rootDir: '..',
  roots: ['<rootDir>/test'],
  testRegex: `/test/${SERVED}[^/]*\\.e2e\\.ts$`,
  globals: { PLATFORM: 'fastify' },
};
