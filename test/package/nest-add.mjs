// `nest add` in a freshly made application, with the Nest CLI of its version; the application then starts and serves sessions.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { install, place, prove, run, WORK } from './tools.mjs';

const ADD = ['add', 'nestjs-session-logger', '--skip-install'];

const PEERS = ['@nestjs/event-emitter', 'class-validator', 'class-transformer'];

/** @param cli where the CLI of that version is installed */
export function nestAdd(version, cli, tarball, packages, nodes) {
  const nest = (args, cwd) =>
    run(process.execPath, [join(cli, 'node_modules/@nestjs/cli/bin/nest.js'), ...args], cwd);
  const name = `add-${version}`;
  const cwd = join(WORK, name);
  const module = join(cwd, 'src/app.module.ts');
  prove(`Nest ${version}, nest add`, () => {
    nest(['new', name, '--skip-install', '--skip-git', '--package-manager', 'npm'], WORK);
    withoutTests(cwd);
    // The one brings peers by itself, as npm does; the other is told to.
    install(name, [...(version === '11' ? ['--legacy-peer-deps'] : []), tarball, ...packages]);
    const told = nest(ADD, cwd);
    assert.match(told, /UPDATE\S* src\/app\.module\.ts/);
    assert.match(told, /Next: inject SessionLoggerService/);
    const first = /First: npm install (.*)/.exec(told)?.[1].split(' ') ?? [];
    assert.deepEqual(first, version === '11' ? PEERS : []);
    if (first.length > 0) install(name, first);
    const added = readFileSync(module, 'utf8');
    assert.match(added, /imports: \[SessionLoggerModule\.forRoot\(\)\],/);
    assert.match(nest(ADD, cwd), /imports SessionLoggerModule already; nothing was changed/);
    assert.equal(readFileSync(module, 'utf8'), added);
    nest(['build'], cwd);
  });
  place(cwd, 'added.mjs');
  for (const node of nodes)
    prove(`Nest ${version}, what nest add made, Node ${node.version}`, () =>
      run(node.file, ['added.mjs'], cwd),
    );
  // The CLI of Nest 11 says that it went wrong, too, and exits with 0.
  if (version === '12')
    prove(`Nest ${version}, nest add where there is no module`, () => withoutModule(cwd, nest));
}

function withoutModule(cwd, nest) {
  writeFileSync(join(cwd, 'nest-cli.json'), JSON.stringify({ sourceRoot: 'lib' }));
  assert.throws(() => nest(ADD, cwd), /No module was found that lib\/main\.ts[^]*Add it by hand/);
}

/** What its tests need is not installed. */
function withoutTests(cwd) {
  const file = (path, change) => {
    const json = JSON.parse(readFileSync(join(cwd, path), 'utf8'));
    change(json);
    writeFileSync(join(cwd, path), JSON.stringify(json));
  };
  file('package.json', (manifest) => {
    manifest.devDependencies = {};
  });
  file('tsconfig.json', ({ compilerOptions }) => {
    compilerOptions.types = ['node'];
  });
}
