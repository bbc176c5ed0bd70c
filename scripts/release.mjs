// Makes a release of what is committed: `npm run release -- major|minor|patch|X.Y.Z`. Refuses where the tree is dirty or
// red, dates the changelog, sets the version, commits and tags. What leaves the machine is pushed and published by hand.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import semver from 'semver';

const CHANGELOG = 'CHANGELOG.md';
const UNRELEASED = /^## Unreleased\n(?<text>[^]*?)(?=^## |$(?![^]))/m;

class Refusal extends Error {}

const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim();
const isDirty = () => git('status', '--porcelain') !== '';
const shown = (file, ...args) => execFileSync(file, args, { stdio: 'inherit' });

function refuseIf(isSo, why) {
  if (isSo) throw new Refusal(why);
}

/** The version that is meant by the word; one that was never tagged may be released as it stands. */
function nextVersion(wanted) {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const next = ['major', 'minor', 'patch'].includes(wanted)
    ? semver.inc(version, wanted)
    : semver.valid(wanted);
  refuseIf(next === null, `"${wanted}" is no version; expected major, minor, patch or X.Y.Z.`);
  refuseIf(semver.lt(next, version), `${next} is below ${version}, the version in package.json.`);
  refuseIf(git('tag', '--list', `v${next}`) !== '', `v${next} is tagged already; choose a greater version.`);
  return next;
}

function checkTree() {
  refuseIf(
    isDirty(),
    'The tree is dirty; commit, or remove what does not belong to it:\n' + git('status', '--short'),
  );
  const branch = git('branch', '--show-current');
  refuseIf(branch !== 'main', `This is ${branch || 'no branch'}; releases are made on main.`);
  const { text = '' } = UNRELEASED.exec(readFileSync(CHANGELOG, 'utf8'))?.groups ?? {};
  refuseIf(
    text.trim() === '',
    `${CHANGELOG} has nothing under "## Unreleased"; tell users what changes for them.`,
  );
}

function checkGreen() {
  try {
    shown('bash', '.ci/run');
  } catch {
    throw new Refusal('The tree is red: .ci/run failed.');
  }
  refuseIf(isDirty(), '.ci/run left the tree dirty:\n' + git('status', '--short'));
}

function release(version) {
  const before = git('rev-parse', 'HEAD');
  const changelog = readFileSync(CHANGELOG, 'utf8');
  const today = new Date().toISOString().slice(0, 10);
  try {
    writeFileSync(CHANGELOG, changelog.replace(/^## Unreleased$/m, `## ${version} (${today})`));
    shown('npm', 'version', version, '--no-git-tag-version', '--allow-same-version', '--loglevel=error');
    git('commit', '--all', '--message', `Release ${version}`);
    git('tag', '--annotate', `v${version}`, '--message', `Release ${version}`);
  } catch (error) {
    git('reset', '--hard', '--quiet', before);
    throw error;
  }
}

try {
  const version = nextVersion(process.argv[2] ?? '');
  checkTree();
  checkGreen();
  release(version);
  process.stdout.write(`Released ${version} here. To give it away: git push --follow-tags && npm publish\n`);
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`No release. ${error.message}\n`);
  process.exitCode = 1;
}
