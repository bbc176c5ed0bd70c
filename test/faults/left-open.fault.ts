import { spawnSync } from 'node:child_process';

it('a test that fails with a stream and an application open does not keep its process', () => {
  const env = { ...process.env, NODE_OPTIONS: '' };
  const args = ['--test', '--test-reporter=tap', 'test/faults/left-open.mjs'];
  const { status, signal, stdout } = spawnSync(process.execPath, args, {
    env,
    encoding: 'utf8',
    timeout: 30_000,
  });
  expect([status, signal]).toEqual([1, null]);
  expect(stdout).toContain('as expected');
}, 40_000);
