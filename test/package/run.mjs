// Proves the packed package as its users have it: installed from the tarball into empty folders, with each Nest, platform,
// Node, module system and TypeScript that docs/compatibility.md names. `npm run test:package`.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nestAdd } from './nest-add.mjs';
import { compile, install, ofType, place, prove, ROOT, run, WORK } from './tools.mjs';

const NESTS = ['12', '11'];
const NODES = ['20', '22', '24'];
const PLATFORMS = ['express', 'fastify'];
const OLD_TYPESCRIPT = '5.6';
/** What a new application has. */
const TYPESCRIPTS = { 12: '6', 11: '5' };
/** By Nest; Vitest 5 does without Node 20. */
const VITESTS = { 12: { major: '5', nodes: ['22', '24'] }, 11: { major: '4', nodes: NODES } };

const REQUIRED = [
  '@nestjs/event-emitter',
  'class-validator',
  'class-transformer',
  'reflect-metadata',
  'rxjs',
];
const nest = (version, ...parts) => parts.map((part) => `@nestjs/${part}@${version}`);

const tarball = join(
  WORK,
  run('npm', ['pack', '--silent', '--pack-destination', WORK]).trim().split('\n').at(-1),
);
const nodes = bringNodes();
const { peerDependenciesMeta } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

lint();

for (const version of NESTS) {
  const cwd = install(`nest-${version}`, [tarball, ...nest(version, 'common', 'core'), ...REQUIRED]);
  withoutPeers(version, cwd);
  onPlatforms(version, cwd);
  withPeers(version, cwd);
  withSwagger(version, cwd);
  withTestRunners(version);
}
commonJs('11');
withNestAdd();

/** What is published, as others judge it. That a `require` meets an ES module is so, and proved to work below. */
function lint() {
  const bin = (name) => join(ROOT, 'node_modules', '.bin', name);
  prove('publint', () => run(bin('publint'), ['run', tarball, '--strict']));
  prove('arethetypeswrong', () => run(bin('attw'), [tarball, '--ignore-rules', 'cjs-resolves-to-esm']));
}

/** The npm package of each Node that is nothing but its binary. */
function bringNodes() {
  const name = `node-${process.platform}-${process.arch}`;
  return NODES.map((major) => {
    const cwd = install(`node-${major}`, [`${name}@${major}`]);
    const file = join(cwd, 'node_modules', name, 'bin', 'node');
    return { file, major, version: run(file, ['--version']).trim() };
  });
}

function withoutPeers(version, cwd) {
  place(cwd, 'bare.mjs', 'types/core.ts');
  const present = Object.keys(peerDependenciesMeta).filter((peer) =>
    existsSync(join(cwd, 'node_modules', peer)),
  );
  assert.deepEqual(present, [], 'the proof without optional peers has some');
  for (const node of nodes)
    prove(`Nest ${version}, no optional peer, Node ${node.version}`, () => run(node.file, ['bare.mjs'], cwd));
  install(`nest-${version}`, [
    'typescript@6',
    `old-typescript@npm:typescript@${OLD_TYPESCRIPT}`,
    '@types/node@20',
  ]);
  prove(`Nest ${version}, types without any optional peer`, () =>
    compile(cwd, 'typescript', ['core.ts'], { module: 'nodenext' }),
  );
}

function onPlatforms(version, cwd) {
  place(cwd, 'app.mjs');
  install(`nest-${version}`, nest(version, ...PLATFORMS.map((platform) => `platform-${platform}`)));
  for (const node of nodes)
    for (const platform of PLATFORMS)
      prove(`Nest ${version}, ${platform}, Node ${node.version}`, () =>
        run(node.file, ['app.mjs', platform], cwd),
      );
}

function withPeers(version, cwd) {
  place(cwd, 'types/peers.ts');
  install(`nest-${version}`, [...nest(version, 'terminus', 'testing'), '@opentelemetry/api', 'ioredis']);
  const files = ['core.ts', 'peers.ts'];
  for (const type of ['module', 'commonjs']) {
    ofType(cwd, type);
    prove(`Nest ${version}, types, nodenext, ${type}`, () =>
      compile(cwd, 'typescript', files, { module: 'nodenext' }),
    );
  }
  prove(`Nest ${version}, types, bundler`, () =>
    compile(cwd, 'typescript', files, { module: 'esnext', moduleResolution: 'bundler' }),
  );
  prove(`Nest ${version}, types, node10, TypeScript ${OLD_TYPESCRIPT}`, () =>
    compile(cwd, 'old-typescript', files, {
      module: 'commonjs',
      moduleResolution: 'node10',
      esModuleInterop: true,
    }),
  );
}

function withSwagger(version, cwd) {
  place(cwd, 'openapi.mjs', 'commonjs/openapi.cjs');
  install(`nest-${version}`, nest(version, 'swagger'));
  for (const file of ['openapi.mjs', 'openapi.cjs'])
    for (const node of nodes)
      prove(`Nest ${version}, ${file}, Node ${node.version}`, () => run(node.file, [file], cwd));
}

/** What tests of applications use, under each runner, in a folder of ES modules. */
function withTestRunners(version) {
  const { major: vitest, nodes: withVitest } = VITESTS[version];
  const parts = nest(version, 'common', 'core', 'platform-express', 'testing');
  const runnersOf = ['@sinonjs/fake-timers', `vitest@${vitest}`, 'jest@30'];
  const cwd = install(`tests-${version}`, [tarball, ...parts, ...REQUIRED, ...runnersOf]);
  place(cwd, 'testing/kit.js', 'testing/kit.test.js', 'testing/node-test.js');
  ofType(cwd, 'module');
  const prover = (runner, on, args) => {
    for (const node of on)
      prove(`Nest ${version}, testing kit, ${runner}, Node ${node.version}`, () => run(node.file, args, cwd));
  };
  prover('node:test', nodes, ['--test', 'node-test.js']);
  const ofVitest = nodes.filter(({ major }) => withVitest.includes(major));
  prover(`Vitest ${vitest}`, ofVitest, ['node_modules/vitest/vitest.mjs', 'run', '--globals']);
  prover('Jest', nodes, ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js']);
}

/** A CommonJS app, and its Jest with the lines that the documentation has; the testing kit in it, too. */
function commonJs(version) {
  const cwd = join(WORK, `nest-${version}`);
  place(cwd, 'commonjs/app.cjs');
  for (const node of nodes)
    prove(`Nest ${version}, CommonJS, Node ${node.version}`, () => run(node.file, ['app.cjs'], cwd));
  install(`nest-${version}`, ['jest@30', '@types/jest@30', 'ts-jest@29', '@sinonjs/fake-timers']);
  place(cwd, 'commonjs/chat.service.test.ts', 'testing/kit.js', 'testing/kit.test.js');
  writeFileSync(join(cwd, 'jest.config.mjs'), documentedJest());
  writeFileSync(
    join(cwd, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        module: 'nodenext',
        target: 'es2023',
        strict: true,
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        skipLibCheck: true,
        isolatedModules: true,
        types: ['node', 'jest'],
      },
    }),
  );
  for (const node of nodes)
    prove(`Nest ${version}, Jest in CommonJS, Node ${node.version}`, () =>
      run(node.file, ['node_modules/jest/bin/jest.js'], cwd),
    );
}

/** By the CLI that this repository has, and by that of Nest 11. */
function withNestAdd() {
  for (const version of NESTS) {
    const cli = version === '12' ? ROOT : install(`cli-${version}`, nest(version, 'cli', 'schematics'));
    const parts = nest(version, 'common', 'core', 'platform-express');
    const packages = [
      ...parts,
      'reflect-metadata',
      'rxjs',
      `typescript@${TYPESCRIPTS[version]}`,
      '@types/node@20',
    ];
    nestAdd(version, cli, tarball, packages, nodes);
  }
}

/** The block of the document that begins with `export default {` and has a `transformIgnorePatterns`. */
function documentedJest() {
  const blocks = readFileSync(join(ROOT, 'docs', 'testing.md'), 'utf8').matchAll(
    /```js\n(export default \{[^`]+)```/g,
  );
  const found = [...blocks]
    .map(([, code]) => code)
    .filter((code) => code.includes('transformIgnorePatterns'));
  if (found.length !== 1)
    throw new Error('docs/testing.md has no, or several, Jest configurations for CommonJS');
  return found[0];
}
