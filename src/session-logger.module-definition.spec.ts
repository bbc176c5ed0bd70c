import { joinOptions } from './session-logger.module-definition.js';

describe('joinOptions', () => {
  it('joins what stands beside the factory with what it returned', () => {
    const beside = { isGlobal: false, http: { path: 'sessions' } };
    expect(joinOptions(beside, { files: false, http: { retry: 5 } })).toEqual({
      isGlobal: false,
      files: false,
      http: { path: 'sessions', retry: 5 },
    });
  });

  it('takes a factory that returned nothing for the defaults', () => {
    expect(joinOptions({}, undefined)).toEqual({ http: {} });
  });
});
