import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cleanUp } from './support/clean-up.js';
import { tempDir } from './support/temp-dir.js';

afterEach(cleanUp);

const WHO = { NAME: 'A Committer', EMAIL: 'committer@example.org' };
const env = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  ...Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((role) =>
      Object.entries(WHO).map(([key, value]) => [`GIT_${role}_${key}`, value]),
    ),
  ),
};
const CHANGES = 'Sessions have names.\n';

/** A repository that may be released, of which the proof ends in that way. */
class Project {
  readonly dir = tempDir();

  constructor(proof = 'exit 0') {
    this.write('package.json', JSON.stringify({ name: 'x', version: '0.1.0' }));
    this.write(
      'CHANGELOG.md',
      `# Changelog\n\n## Unreleased\n\n${CHANGES}\n## 0.1.0 (2026-01-01)\n\nThe first.\n`,
    );
    mkdirSync(join(this.dir, '.ci'));
    this.write('.ci/run', `echo proving\n${proof}\n`);
    this.git('init', '--quiet', '--initial-branch', 'main');
    this.commit();
    this.git('tag', 'v0.1.0');
  }

  git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.dir, env, encoding: 'utf8' }).trim();
  }

  commit(): void {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--message', 'A change');
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.dir, file), text);
  }

  read(file: string): string {
    return readFileSync(join(this.dir, file), 'utf8');
  }

  run(script: string, ...args: string[]): { status: number | null; told: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, [resolve('scripts', script), ...args], {
      cwd: this.dir,
      env,
      encoding: 'utf8',
    });
    return { status, told: stdout + stderr };
  }

  /** What a release would change. */
  get state(): string[] {
    return [this.git('rev-parse', 'HEAD'), this.git('tag'), this.git('status', '--porcelain')];
  }
}

describe('a release', () => {
  it.each([
    ['patch', '0.1.1'],
    ['minor', '0.2.0'],
    ['major', '1.0.0'],
    ['0.3.0', '0.3.0'],
  ])('by %s is the commit and tag of %s, with a dated changelog', (wanted, version) => {
    const project = new Project();
    expect(project.run('release.mjs', wanted)).toMatchObject({ status: 0 });
    expect(JSON.parse(project.read('package.json'))).toMatchObject({ version });
    const today = new Date().toISOString().slice(0, 10);
    expect(project.read('CHANGELOG.md')).toContain(`\n## ${version} (${today})\n\n${CHANGES}\n## 0.1.0`);
    expect(project.git('tag', '--points-at', 'HEAD')).toBe(`v${version}`);
    expect(project.git('status', '--porcelain')).toBe('');
  });

  it('may be the first one, of the version that is there', () => {
    const project = new Project();
    project.git('tag', '--delete', 'v0.1.0');
    expect(project.run('release.mjs', '0.1.0')).toMatchObject({ status: 0 });
    expect(project.git('tag', '--points-at', 'HEAD')).toBe('v0.1.0');
  });

  it.each<[string, string, (project: Project) => void, RegExp]>([
    ['a dirty tree', 'minor', (project) => project.write('package.json', '{ "version": "0.1.0" }'), /dirty/],
    ['a file that git does not know', 'minor', (project) => project.write('new.txt', ''), /dirty/],
    [
      'another branch',
      'minor',
      (project) => project.git('switch', '--quiet', '--create', 'mine'),
      /This is mine/,
    ],
    [
      'an empty changelog',
      'minor',
      (project) => {
        project.write('CHANGELOG.md', '# Changelog\n\n## Unreleased\n\n## 0.1.0\n\nThe first.\n');
        project.commit();
      },
      /nothing under "## Unreleased"/,
    ],
    ['a word that is no version', 'huge', () => {}, /"huge" is no version/],
    ['no version', '', () => {}, /"" is no version/],
    ['a lower version', '0.0.9', () => {}, /below 0\.1\.0/],
    ['a version that is tagged', '0.1.0', () => {}, /tagged already/],
  ])('is refused for %s, and nothing is changed', (_, wanted, prepare, why) => {
    const project = new Project();
    prepare(project);
    const before = project.state;
    const { status, told } = project.run('release.mjs', wanted);
    expect(status).toBe(1);
    expect(told).toMatch(why);
    expect(told).not.toContain('proving');
    expect(project.state).toEqual(before);
  });

  it.each([
    ['a red tree', 'exit 1', /proving[^]*red/],
    ['a proof that leaves something behind', 'touch left.txt', /left the tree dirty/],
  ])('is refused for %s', (_, proof, why) => {
    const project = new Project(proof);
    const { status, told } = project.run('release.mjs', 'minor');
    expect(status).toBe(1);
    expect(told).toMatch(why);
    expect(project.git('tag')).toBe('v0.1.0');
    expect(JSON.parse(project.read('package.json'))).toMatchObject({ version: '0.1.0' });
  });

  it('that fails at its end leaves the tree as it was', () => {
    const project = new Project();
    // Git refuses a tag below a name that is one already.
    project.git('tag', 'v0.2.0/taken');
    const before = project.state;
    expect(project.run('release.mjs', 'minor').status).not.toBe(0);
    expect(project.state).toEqual(before);
  });
});

describe('publishing', () => {
  it('is refused for what is no release, or has been changed since', () => {
    const project = new Project();
    expect(project.run('may-publish.mjs').status).toBe(0);
    project.write('new.txt', '');
    expect(project.run('may-publish.mjs')).toMatchObject({
      status: 1,
      told: expect.stringMatching(/not the release v0\.1\.0/),
    });
    project.commit();
    expect(project.run('may-publish.mjs').status).toBe(1);
  });
});
