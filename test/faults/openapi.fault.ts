import { execFileSync } from 'node:child_process';
import { cpSync, copyFileSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { cleanUp } from '../support/clean-up.js';
import { tempDir } from '../support/temp-dir.js';

jest.setTimeout(60_000);
afterEach(cleanUp);

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, '..', '..');
const SWAGGER = '@nestjs/swagger';

/** A folder with the built package and what it needs; of `@nestjs/swagger` what `swagger` is: a module, or the real one. */
function folder(swagger: string | undefined): string {
  const cwd = tempDir();
  for (const name of packages()) link(cwd, name);
  const own = join(cwd, 'node_modules', 'nestjs-session-logger');
  cpSync(join(ROOT, 'dist'), join(own, 'dist'), { recursive: true });
  copyFileSync(join(ROOT, 'package.json'), join(own, 'package.json'));
  copyFileSync(join(HERE, 'openapi-app.mjs'), join(cwd, 'app.mjs'));
  if (swagger === 'real') link(cwd, SWAGGER);
  else if (swagger !== undefined) write(join(cwd, 'node_modules', SWAGGER), swagger);
  return cwd;
}

function packages(): string[] {
  const at = join(ROOT, 'node_modules');
  const names = readdirSync(at).filter((name) => !name.startsWith('.') && name !== 'nestjs-session-logger');
  const all = names.flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(at, name)).map((part) => `${name}/${part}`) : [name],
  );
  return all.filter((name) => name !== SWAGGER);
}

function link(cwd: string, name: string): void {
  const path = join(cwd, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules', name), path);
}

function write(path: string, code: string): void {
  mkdirSync(path, { recursive: true });
  writeFileSync(
    join(path, 'package.json'),
    JSON.stringify({ name: SWAGGER, type: 'module', main: 'index.js' }),
  );
  if (code !== '') writeFileSync(join(path, 'index.js'), code);
}

function run(cwd: string, ...args: string[]): Record<string, unknown> {
  const env = { ...process.env, NODE_OPTIONS: '' };
  const told = execFileSync(process.execPath, ['app.mjs', ...args], { cwd, env, encoding: 'utf8' });
  return JSON.parse(told) as Record<string, unknown>;
}

describe('an application without @nestjs/swagger', () => {
  it('starts and serves, and is told nothing', () => {
    expect(run(folder(undefined))).toEqual({ warnings: [], status: 200, loaded: false });
  });
});

describe('an application whose @nestjs/swagger', () => {
  it('is the real one has its endpoints documented', () => {
    const paths = ['/logs', '/logs/stream', '/logs/{sessionId}'];
    expect(run(folder('real'), '{}', 'document')).toMatchObject({ warnings: [], status: 200, paths });
  });

  it.each([
    ['throws', 'throw new Error("it is broken")', 'it is broken'],
    ['lacks a package', "import 'a-package-that-nobody-has';", 'a-package-that-nobody-has'],
    ['lacks its own file', '', 'index.js'],
    ['is another one', 'export const ApiOperation = () => () => {};', 'is not a function'],
    ['is none', 'export default {};', 'is not a function'],
  ])('%s starts and serves, and is warned once', (_, code, why) => {
    expect(run(folder(code))).toEqual({
      warnings: [expect.stringMatching(new RegExp(`http\\.openapi to false: .*${why}`))],
      status: 200,
      loaded: false,
    });
  });

  it('is not loaded with openapi: false', () => {
    const cwd = folder('globalThis.loaded = true; throw new Error("it is broken");');
    expect(run(cwd)).toMatchObject({ loaded: true, warnings: [expect.anything()] });
    expect(run(cwd, 'false')).toEqual({ warnings: [], status: 200, loaded: false });
  });
});
