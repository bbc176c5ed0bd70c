// Run by npm before it publishes: what is published is a release, whole and unchanged.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim();
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const isRelease = git('tag', '--points-at', 'HEAD').split('\n').includes(`v${version}`);

if (!isRelease || git('status', '--porcelain') !== '') {
  process.stderr.write(
    `Not published. This tree is not the release v${version}, unchanged: make one by \`npm run release -- patch\`, ` +
      `or \`git checkout v${version}\`.\n`,
  );
  process.exitCode = 1;
}
