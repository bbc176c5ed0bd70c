import base from '../../jest.config.js';

/** The fault suite: real processes of the built package, to which bad things happen. */
export default {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/faults'],
  testRegex: '\\.fault\\.ts$',
};
