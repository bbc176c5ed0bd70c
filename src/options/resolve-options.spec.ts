import { resolveOptions } from './resolve-options.js';

describe('resolveOptions', () => {
  const before = process.env['LOGS_PATH'];

  afterEach(() => {
    if (before === undefined) delete process.env['LOGS_PATH'];
    else process.env['LOGS_PATH'] = before;
  });

  it('takes LOGS_PATH as it is when the module is set up, not when it was loaded', () => {
    process.env['LOGS_PATH'] = '/var/log/chats';
    expect(resolveOptions().files).toMatchObject({ dir: '/var/log/chats' });
    process.env['LOGS_PATH'] = '';
    expect(resolveOptions().files).toMatchObject({ dir: 'logs' });
  });

  it('keeps a session within the bytes of all sessions', () => {
    expect(resolveOptions({ limits: { totalBytes: 1_000 } }).limits).toMatchObject({ sessionBytes: 1_000 });
  });
});
